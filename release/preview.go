package release

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"

	"slipway/release/pipeline"
	"slipway/updates/aus"
	"slipway/updates/mar"
)

// SnippetsTask makes the answers to clients.
const SnippetsTask = "snippets"

// ClientChange is what one kind of client is told now, and once the plan's
// release is offered to it. An empty version is that there is nothing newer.
type ClientChange struct {
	Version string `json:"version"` // that it runs
	BuildID string `json:"build-id"`
	Target  string `json:"target"`
	Locale  string `json:"locale"`
	Channel string `json:"channel"`

	Now     string `json:"now"`
	Then    string `json:"then"`
	Partial bool   `json:"partial"` // then, beside the complete
	What    string `json:"what"`    // one of the words below
}

// What becomes of an answer.
const (
	AnswerSame    = "same"
	AnswerNew     = "new"     // was told of nothing
	AnswerRaised  = "raised"  // is led to a higher version
	AnswerChanged = "changed" // the same version, told otherwise
	AnswerLowered = "lowered" // is led to a lower version than now
	AnswerGone    = "gone"    // is told of nothing any more
)

// Preview compares what clients are told now on the plan's channels with what
// they will be when it ships: answers is what [SnippetsTask] left. It lists every
// kind of client, by version, newest first. Nothing is changed.
func (e Env) Preview(ctx context.Context, p *Plan, answers pipeline.Raw) ([]ClientChange, error) {
	tree, _, err := e.answerTree(ctx, pipeline.Call{Needs: []pipeline.Raw{answers}}, liveAnswers)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(Below(e.Root, p.Config.Publish.Directory))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	then := map[string]*aus.Update{}
	for _, entry := range tree.Entries {
		if _, ok := clientOf(entry.Path); !ok {
			continue
		}
		text, err := e.Store.Bytes(ctx, entry.Blob, maxNote)
		if err != nil {
			return nil, err
		}
		if then[entry.Path], err = aus.ParseXML(text); err != nil {
			return nil, err
		}
	}
	names := sortedKeys(then)
	g := graph{plan: p}
	args := g.answersArgs(liveAnswers)
	for _, version := range args.Versions { // what is told now, and will not be
		dir := path.Join("update", args.Product, version)
		err := fs.WalkDir(root.FS(), path.Join(ausBase, dir), func(name string, d fs.DirEntry, err error) error {
			name = strings.TrimPrefix(name, ausBase+"/")
			c, ok := clientOf(name)
			if _, told := then[name]; ok && !told && err == nil && slices.Contains(args.Channels, c.Channel) {
				names = append(names, name)
			}
			return notThere(err)
		})
		if err != nil {
			return nil, err
		}
	}
	var list []ClientChange
	for _, name := range names {
		now, err := answerNow(root, name)
		if err != nil {
			return nil, err
		}
		c, _ := clientOf(name)
		c.compare(now, then[name])
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(a, b ClientChange) int { return mar.CompareVersions(b.Version, a.Version) })
	return list, nil
}

// clientOf reads who is answered by a file.
func clientOf(name string) (ClientChange, bool) {
	part := strings.Split(name, "/")
	if len(part) != 8 || part[0] != "update" || part[7] != "update.xml" {
		return ClientChange{}, false
	}
	return ClientChange{Version: part[2], BuildID: part[3], Target: part[4], Locale: part[5], Channel: part[6]}, true
}

func answerNow(root *os.Root, name string) (*aus.Update, error) {
	text, err := readNote(root, path.Join(ausBase, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return aus.ParseXML(text)
}

func (c *ClientChange) compare(now, then *aus.Update) {
	if now != nil {
		c.Now = now.DisplayVersion
	}
	if then != nil {
		c.Then = then.DisplayVersion
		_, c.Partial = then.Patch("partial")
	}
	switch {
	case reflect.DeepEqual(now, then):
		c.What = AnswerSame
	case now == nil:
		c.What = AnswerNew
	case then == nil:
		c.What = AnswerGone
	default:
		c.What = []string{AnswerLowered, AnswerChanged, AnswerRaised}[mar.CompareVersions(then.AppVersion, now.AppVersion)+1]
	}
}
