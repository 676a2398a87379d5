package aus

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// File is one file to be published, by its slash-separated name.
type File struct {
	Name string
	Data []byte
}

// Form is a way of telling clients.
type Form string

const (
	Snippets1 Form = "snippets-v1" // AUS2 tree below snippets/
	Snippets2 Form = "snippets-v2" // the same with schema 2
	XML       Form = "xml"         // static answers below update/, with rules for nginx and Apache
	Blobs     Form = "blob"        // release blobs below blobs/
)

// Generate writes the release in the given forms, sorted by name. It fails if
// a client that is not retired would be left without an answer; all such
// failures are reported at once.
func Generate(r *Release, forms ...Form) ([]File, error) {
	if bad := r.Check(); len(bad) > 0 {
		return nil, errors.Join(bad...)
	}
	g := &generator{r: r, forms: forms}
	err := r.classes(func(c class) error {
		if err := g.class(c); err != nil {
			g.bad = append(g.bad, err)
		}
		return nil
	})
	if err == nil {
		err = g.wholes()
	}
	if err := errors.Join(append(g.bad, err)...); err != nil {
		return nil, err
	}
	slices.SortFunc(g.files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(g.files); i++ {
		if g.files[i].Name == g.files[i-1].Name {
			return nil, fmt.Errorf("two answers for %s: the same clients are described twice", g.files[i].Name)
		}
	}
	return g.files, nil
}

type generator struct {
	r     *Release
	forms []Form
	files []File
	bad   []error
}

func (g *generator) add(name string, data []byte, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	g.files = append(g.files, File{name, data})
	return nil
}

// class writes the files of one class.
func (g *generator) class(c class) error {
	u, err := g.r.answer(c)
	if err != nil {
		return err
	}
	for _, form := range g.forms {
		switch form {
		case XML:
			b, err := u.XML()
			if err := g.add(g.r.xmlName(c), b, err); err != nil {
				return err
			}
		case Snippets1, Snippets2:
			if u == nil {
				continue // no file is AUS2's way to say that there is nothing
			}
			if err := g.snippets(c, *u, form); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *generator) snippets(c class, u Update, form Form) error {
	schema := 1
	if form == Snippets2 {
		schema = 2
	}
	u.PlatformVersion = u.AppVersion
	for _, p := range u.Patches {
		b, err := u.Snippet(schema, p.Type)
		if err := g.add(g.r.snippetName(c, p.Type), b, err); err != nil {
			return err
		}
	}
	return nil
}

// wholes writes the files that are not for one class.
func (g *generator) wholes() error {
	for _, form := range g.forms {
		switch form {
		case XML:
			var none *Update
			b, err := none.XML()
			if err := g.add(noUpdate, b, err); err != nil {
				return err
			}
			g.files = append(g.files, rewriteRules()...)
			if len(g.r.Shares) > 0 {
				g.files = append(g.files, rolloutRules()...)
			}
		case Blobs:
			for _, o := range g.r.offers() {
				b, err := g.r.blob(o)
				if err != nil {
					return fmt.Errorf("%s: %w", o.Name, err)
				}
				data, err := b.JSON()
				if err := g.add(blobName(o), data, err); err != nil {
					return err
				}
			}
			if len(g.r.Shares) > 0 {
				data, err := g.r.rules()
				if err := g.add(rulesName(&g.r.Newest), data, err); err != nil {
					return err
				}
			}
		case Snippets1, Snippets2:
		default:
			return fmt.Errorf("form %q: want %s, %s, %s or %s", form, Snippets1, Snippets2, XML, Blobs)
		}
	}
	return nil
}

// noUpdate is the answer to everybody whom no file is for.
const noUpdate = "update/no-update.xml"

// snippetName is AUS2's path: the versions in it are the client's.
func (r *Release) snippetName(c class, kind string) string {
	return path.Join("snippets", r.Product, c.prior.AppVersion, c.target, c.build.BuildID, c.locale, c.channel.Name, kind+".txt")
}

// xmlName has the order of the client's URL.
func (r *Release) xmlName(c class) string {
	return path.Join("update", r.Product, c.prior.AppVersion, c.build.BuildID, c.target, c.locale, c.channel.Name, "update.xml")
}

func blobName(o *Offer) string { return "blobs/" + o.Name + ".json" }
