package release

import (
	"strings"
	"testing"
	"time"
)

func TestParseMozillaVersions(t *testing.T) {
	for text, want := range map[string]Kind{
		"10.0": Release, "10.0.1": Release, "60.1.0": Release, "33.1": Release,
		"10.0b3": Beta, "150.0b12": Beta, "38.0.5b1": Beta,
		"60.0a1": Nightly, "54.0a2": Aurora,
		"140.1.0esr": ESR, "91.0esr": ESR, "91.0.1esr": ESR,
		"3.6.28": Release, "2.0.0.20": Release, "1.5.0.12": Release, "3.5rc3": Candidate, "3.1b3": Beta,
		"1.0": Release, "1.2": Release, "4.0": Release, "1.0.0": Release,
	} {
		v, err := ParseVersion("mozilla", text)
		if err != nil || v.Kind() != want || v.String() != text {
			t.Errorf("%s: got kind %v, text %q, error %v; want %v", text, v.Kind(), v, err, want)
		}
	}
}

func TestRefuseVersions(t *testing.T) {
	for text, why := range map[string]string{
		"60.1":       "want 60.1.0 or 60.0.1",
		"60.0.0":     "want 60.0",
		"46.2.0b1":   "no third number",
		"46.0.1a1":   "no third number",
		"60.0rc1":    "build number instead",
		"60.0.0.1":   "only 1.5 and 2.0",
		"2.0.1.3":    "followed a 0",
		"3.6esr":     "no esr before",
		"60":         "want a form",
		"60.0b0":     "want a form",
		"060.0":      "want a form",
		"60.0b3esr":  "want a form",
		"60.0 ":      "want a form",
		"60.0\n":     "want a form",
		"latest":     "want a form",
		"9999999.0":  "want a form",
		"60.0build1": "want a form",
		"-1.0":       "want a form",
		"６０.0":       "want a form",
	} {
		if _, err := ParseVersion("mozilla", text); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: got error %v; want %q", text, err, why)
		}
	}
	for _, text := range []string{"1.0", "v1.0.0", "1.0.0-", "01.0.0", ""} {
		if _, err := ParseVersion("semver", text); err == nil {
			t.Errorf("semver %q was accepted", text)
		}
	}
}

func TestVersionsAreOrdered(t *testing.T) {
	for scheme, ascending := range map[string]string{
		"mozilla": "1.5.0.12 2.0.0.4 2.0.0.20 3.1b3 3.5rc3 3.5 3.6.28 10.0a1 10.0a2 10.0b1 10.0b3 10.0b12 10.0 10.0.1 10.0.2 10.1.0 60.0esr 60.0.1esr 60.1.0esr 60.2.0 140.0",
		"semver":  "0.9.0 1.0.0-alpha 1.0.0-alpha.1 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 1.10.0 2.0.0",
	} {
		list := strings.Fields(ascending)
		for i, a := range list {
			for j, b := range list {
				v, err1 := ParseVersion(scheme, a)
				w, err2 := ParseVersion(scheme, b)
				if err1 != nil || err2 != nil {
					t.Fatal(err1, err2)
				}
				if got, want := v.Compare(w), sign(i-j); got != want {
					t.Errorf("%s against %s: got %d, want %d", a, b, got, want)
				}
			}
		}
	}
	a, _ := ParseVersion("mozilla", "60.0")
	b, _ := ParseVersion("mozilla", "60.0esr")
	if a.Compare(b) != 0 {
		t.Error("60.0 and 60.0esr: want equal")
	}
}

func sign(n int) int { return min(max(n, -1), 1) }

func TestNamesOfACandidate(t *testing.T) {
	// The zone must not matter: these are 2012-01-29 02:17:58 UTC.
	at := time.Date(2012, 1, 28, 18, 17, 58, 0, time.FixedZone("PST", -8*3600))
	esr, _ := ParseVersion("mozilla", "91.7.0esr")
	beta, _ := ParseVersion("mozilla", "58.0b4")
	pre, _ := ParseVersion("semver", "2.0.0-rc.1")
	for _, c := range [][2]string{
		{BuildTag("FIREFOX", esr, 2), "FIREFOX_91_7_0esr_BUILD2"},
		{ReleaseTag("FIREFOX", beta), "FIREFOX_58_0b4_RELEASE"},
		{BuildTag("TOOL", pre, 1), "TOOL_2_0_0_rc_1_BUILD1"},
		{CandidateName("firefox", beta, 3), "firefox-58.0b4-build3"},
		{BranchName("GECKO", beta, 1, at), "GECKO580b4_2012012902_RELBRANCH"},
		{BranchName("GECKO", beta, 2, at), "GECKO580b4_2012012902_BUILD2_RELBRANCH"},
		{BuildID(at), "20120129021758"},
		{esr.App(), "91.7.0"},
		{beta.App(), "58.0"},
		{pre.App(), "2.0.0"},
	} {
		if c[0] != c[1] {
			t.Errorf("got %s, want %s", c[0], c[1])
		}
	}
}
