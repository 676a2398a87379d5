package mail

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what a mail is for.
type Kind string

const (
	GoToBuild        Kind = "go-to-build"
	AllStop          Kind = "all-stop"
	UrgencyChanged   Kind = "urgency-changed"
	BuildSubmitted   Kind = "build-submitted"
	StageStarted     Kind = "stage-started"
	StageDone        Kind = "stage-done"
	StageFailed      Kind = "stage-failed"
	CandidatesReady  Kind = "candidates-ready"
	SignoffNeeded    Kind = "signoff-needed"
	UpdatesAvailable Kind = "updates-available" // on a test channel
	PushRequest      Kind = "push-request"
	Pushed           Kind = "pushed"
	ShipRequest      Kind = "ship-request"
	Shipped          Kind = "shipped"
	AVVendors        Kind = "av-vendors"
)

// Audiences are the names of the address lists.
const (
	All     = "all"
	Drivers = "drivers"    // the few who decide
	AV      = "av-vendors" // makers of antivirus programs, who test early
)

// form is what is fixed about a kind.
type form struct {
	audience string
	alone    bool   // begins a thread instead of joining the build's
	subject  string // {words} are filled from the facts
	says     string // first line of the body
	needs    []string
}

// The subjects are those that Mozilla's release drivers filter their mail by;
// "ALL STOP" and "urgency" are our wording, for there only the rule is known.
var forms = map[Kind]form{
	GoToBuild: {
		All, true, "go to build {Product} {version}",
		"Go to build {Product} {version} build {build}.",
		[]string{"revisions", "urgency", "who"},
	},
	AllStop: {
		All, true, "ALL STOP {Product} {version} build{build}",
		"Stop all work on {Product} {version} build {build}. Start nothing new.",
		[]string{"reason", "running", "decides", "who"},
	},
	UrgencyChanged: {
		All, false, "{Product} {version} build{build} is now {urgency}",
		"The urgency of {Product} {version} build {build} is now {urgency}.",
		[]string{"urgency", "reason", "who"},
	},
	BuildSubmitted: {
		All, false, "[{group}] Build of {Product}-{version}-build{build}",
		"The build of {Product} {version} build {build} was submitted.",
		[]string{"revisions", "who"},
	},
	StageStarted: {
		All, false, "[release] {Product}-{version}-build{build}: started {stage}{on platform}",
		"Started: {stage}{on platform}.",
		[]string{"stage"},
	},
	StageDone: {
		All, false, "[release] {Product}-{version}-build{build}: finished {stage}{on platform}",
		"Finished: {stage}{on platform}.",
		[]string{"stage"},
	},
	StageFailed: {
		Drivers, false, "[release] {Product}-{version}-build{build}: {stage} step failed{on platform}",
		"Failed: {stage}{on platform}.",
		[]string{"stage", "reason"},
	},
	CandidatesReady: {
		All, false, "{product} {version} build{build}/{project} is in the candidates directory",
		"{Product} {version} build {build} is in the candidates directory.",
		[]string{"project", "link"},
	},
	SignoffNeeded: {
		Drivers, false, "{Product} {version} build{build} updates are ready for signoff",
		"The updates of {Product} {version} build {build} wait for sign-off.",
		nil,
	},
	UpdatesAvailable: {
		All, false, "[release] {Product}-{version}-build{build}: Updates available on {channel}",
		"Updates to {Product} {version} build {build} are available on the {channel} channel.",
		[]string{"channel"},
	},
	PushRequest: {
		Drivers, false, "[{group}] Please push {Product} {version} (build#{build}) to the {channel} channel",
		"Please push {Product} {version} build {build} to the {channel} channel.",
		[]string{"channel", "who"},
	},
	Pushed: {
		All, false, "{product} {version} build{build}/{project} has been pushed to {channel}",
		"{Product} {version} build {build} has been pushed to {channel}.",
		[]string{"project", "channel"},
	},
	ShipRequest: {
		Drivers, false, "[{group}] Please push {Product} {version} (build#{build}) to the {channel} channel ({rate}%)",
		"Please offer {Product} {version} build {build} on the {channel} channel at {rate} %{for}.",
		[]string{"channel", "rate", "who"},
	},
	Shipped: {
		All, false, "{Product} {version} build{build} is live on the {channel} channel ({rate}%)",
		"{Product} {version} build {build} is offered on the {channel} channel at {rate} %{for}.",
		[]string{"channel", "rate"},
	},
	AVVendors: {
		AV, true, "{Product} {version} release",
		"The signed builds of {Product} {version} are ready for your tests.",
		[]string{"link"},
	},
}

// Kinds are the names of all kinds, sorted.
func Kinds() []string {
	var all []string
	for k := range forms {
		all = append(all, string(k))
	}
	slices.Sort(all)
	return all
}

// fill puts the facts into a subject or first line.
func (f Facts) fill(s string) string {
	on, during := "", ""
	if f.Platform != "" {
		on = " on " + f.Platform
	}
	if f.Duration != "" {
		during = " for " + f.Duration
	}
	group := f.Group
	if group == "" {
		group = "desktop"
	}
	rate := 0
	if f.Rate != nil {
		rate = *f.Rate
	}
	return strings.NewReplacer(
		"{Product}", f.Product, "{product}", strings.ToLower(f.Product), "{version}", f.Version,
		"{build}", fmt.Sprint(f.Build), "{group}", group, "{stage}", f.Stage, "{on platform}", on,
		"{project}", f.Project, "{channel}", f.Channel, "{rate}", fmt.Sprint(rate), "{for}", during,
		"{urgency}", string(f.Urgency),
	).Replace(s)
}

// subject of a kind. A second build of a version, and a second all stop, have
// a subject of their own: mail programs would file them under the first.
func (f Facts) subject(k Kind) string {
	s := f.fill(forms[k].subject)
	if k == GoToBuild && f.Build > 1 {
		s += fmt.Sprintf(" build%d", f.Build)
	}
	if f.Serial > 1 {
		s += fmt.Sprintf(" (%d)", f.Serial)
	}
	return s
}
