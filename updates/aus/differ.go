package aus

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// fields is what an update says, a value a name; nothing of no update.
func (u Update) fields() map[string]string {
	f := map[string]string{
		"type": u.Type, "version": u.AppVersion, "displayed version": u.DisplayVersion,
		"platform version": u.PlatformVersion, "build ID": u.BuildID, "details URL": u.DetailsURL,
	}
	maps.Copy(f, u.Optional)
	var kinds []string
	for _, p := range u.Patches {
		kinds = append(kinds, p.Type)
		of := "patch " + p.Type + " "
		f[of+"URL"], f[of+"hash function"], f[of+"hash"], f[of+"size"] = p.URL, p.HashFunction, p.HashValue, fmt.Sprint(p.Size)
	}
	f["patches"] = strings.Join(kinds, ", ")
	return f
}

// difference is a field that two updates fill differently.
type difference struct{ field, a, b string }

// differences are all of them, by name. Where one is no update at all, that is
// the one difference.
func differences(a, b Update) []difference {
	if a.AppVersion == "" && b.AppVersion != "" || a.AppVersion != "" && b.AppVersion == "" {
		return []difference{{"version", orNothing(a.AppVersion), orNothing(b.AppVersion)}}
	}
	of, and := a.fields(), b.fields()
	names := maps.Clone(of)
	maps.Copy(names, and)
	var all []difference
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if of[name] != and[name] {
			all = append(all, difference{name, orNothing(of[name]), orNothing(and[name])})
		}
	}
	return all
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}
