package aus

import (
	"path"
	"reflect"
	"slices"
)

// Request is what a class of clients asks a server when a person presses the
// button, and what it may hear: nil is that there is no update. While a release
// is rolled out a server that answers as before the rollout is right too.
type Request struct {
	Path   string // with its query, such as /update/3/Skiff/…/update.xml?force=1
	Expect []*Update
}

// Right tells whether an answer is one of those.
func (q Request) Right(got *Update) bool {
	return slices.ContainsFunc(q.Expect, func(want *Update) bool { return reflect.DeepEqual(got, want) })
}

// Requests lists what every class of clients asks, in the shape that has been
// asked for longest, and what the files say that it is answered.
func Requests(r *Release, files []File) ([]Request, error) {
	have := map[string][]byte{}
	for _, f := range files {
		have[f.Name] = f.Data
	}
	var list []Request
	err := r.classes(func(c class) error {
		q := Request{Path: "/" + path.Join("update/3", r.Product, c.prior.AppVersion, c.build.BuildID, c.target, c.locale, c.channel.Name,
			"default/default/default", "update.xml") + "?force=1"}
		names := []string{r.xmlName(c)}
		if _, rolling := have[r.rolloutName(c)]; rolling && c.channel.Throttled {
			names = append(names, r.rolloutName(c))
		}
		for _, name := range names {
			var u *Update
			if text, ok := have[name]; ok {
				var err error
				if u, err = ParseXML(text); err != nil {
					return err
				}
			}
			q.Expect = append(q.Expect, u)
		}
		list = append(list, q)
		return nil
	})
	return list, err
}
