package aus

import (
	"fmt"
	"testing"
)

// large has the shape of a Firefox release: 98 locales, 6 platforms under 10
// build targets, 4 prior releases with partials, 3 channels.
func large() *Release {
	r := lynx()
	r.Watersheds, r.Retired, r.Priors, r.Platforms, r.Newest.Builds = nil, nil, nil, nil, nil
	r.Channels = append(r.Channels, r.Channels[1])
	r.Channels[2].Name = "releasecdntest"
	var locales, from []string
	for i := range 98 {
		locales = append(locales, fmt.Sprintf("l%02d", i))
	}
	for i := range 4 {
		from = append(from, fmt.Sprintf("Lynx-11.%d-build1", 9-i))
	}
	for i := range 6 {
		p := Platform{Name: fmt.Sprintf("p%d", i), Bouncer: fmt.Sprintf("p%d", i), FTP: fmt.Sprintf("p%d", i)}
		for j := range []int{2, 1, 3, 1, 2, 1}[i] {
			p.Targets = append(p.Targets, fmt.Sprintf("Target_%d-%d", i, j))
		}
		r.Platforms = append(r.Platforms, p)
		r.Newest.Builds = append(r.Newest.Builds, build(p.Name, "20260301101500", r.Newest.Name, from, locales...))
	}
	for i, name := range from {
		p := Prior{Name: name, AppVersion: version(name)}
		for _, platform := range r.Platforms {
			p.Builds = append(p.Builds, PriorBuild{platform.Name, fmt.Sprintf("2025%d101000000", i), locales})
		}
		r.Priors = append(r.Priors, p)
	}
	return r
}

func BenchmarkGenerate(b *testing.B) {
	r := large()
	b.ReportAllocs()
	for b.Loop() {
		b.ReportMetric(float64(len(generate(b, r, XML, Snippets2, Blobs))), "files")
	}
}

func BenchmarkCheck(b *testing.B) {
	r := large()
	files := generate(b, r, XML, Snippets2, Blobs)
	sizes := Proof{URLs: URLPolicy{AllowHTTP: true}, Find: func(string, string) (Found, error) { return Found{}, nil }}
	b.ReportAllocs()
	for b.Loop() {
		Check(r, files, sizes)
	}
}
