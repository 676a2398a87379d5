package updates

import (
	"path"
	"slices"
	"strings"
)

// What a product's user may have changed, or a partner put there, is installed
// only where it is missing: the channel somebody is on must survive updates.
func isAddIfNot(p string) bool {
	switch path.Base(p) {
	case "channel-prefs.js", "update-settings.ini":
		return true
	}
	return inFramework(p)
}

func inFramework(p string) bool {
	return hasDir(p, "ChannelPrefs.framework") || hasDir(p, "UpdateSettings.framework")
}

// hasDir says whether one of the directories of p is called dir.
func hasDir(p, dir string) bool {
	return strings.HasPrefix(p, dir+"/") || strings.Contains(p, "/"+dir+"/")
}

// isForced names what is always shipped whole when it changes: files that
// signing writes, or whose old state on a user's disk cannot be relied upon.
// Names match the whole relative path.
func isForced(p string, force []string) bool {
	switch p {
	case "precomplete", "Contents/Resources/precomplete",
		"removed-files", "Contents/Resources/removed-files",
		"Contents/CodeResources", "Contents/MacOS/firefox":
		return true
	}
	return strings.HasSuffix(p, ".chk") || slices.Contains(force, p)
}

// extensionOf returns the directory of the bundled extension that p belongs
// to, or "": such a file is updated only where the user kept the extension.
func extensionOf(p string) string {
	const dir = "distribution/extensions/"
	i := strings.Index(p, dir)
	if i < 0 || i > 0 && p[i-1] != '/' {
		return ""
	}
	name, _, ok := strings.Cut(p[i+len(dir):], "/")
	if !ok || name == "" {
		return ""
	}
	return p[:i+len(dir)] + name
}

// isManifest names files that packaging scripts leave about in a tree and
// that no update carries.
func isManifest(p string) bool {
	switch path.Base(p) {
	case "update.manifest", "updatev2.manifest", ManifestName:
		return true
	}
	return false
}

// shipMode is the mode an update carries: the scripts know executable or not.
func shipMode(mode uint32) uint32 {
	if mode&0o111 != 0 {
		return 0o755
	}
	return 0o644
}

// addLine is the instruction that installs p whole.
func addLine(p string) Instruction {
	if isAddIfNot(p) {
		return Instruction{Verb: AddIfNot, Test: p, Path: p}
	}
	if ext := extensionOf(p); ext != "" {
		return Instruction{Verb: AddIf, Test: ext, Path: p}
	}
	return Instruction{Verb: Add, Path: p}
}

// patchLine is the instruction that patches p.
func patchLine(p string) Instruction {
	if ext := extensionOf(p); ext != "" {
		return Instruction{Verb: PatchIf, Test: ext, Patch: p + ".patch", Path: p}
	}
	return Instruction{Verb: Patch, Patch: p + ".patch", Path: p}
}
