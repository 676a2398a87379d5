package release

import (
	"path"
	"strings"
)

// channelURL is where clients of a channel find a file. {path} is the file's
// path below the candidate, which is also that below the release.
func (p *Plan) channelURL(c Channel, directory, locale, file string) string {
	below := file
	if directory != "" {
		below = path.Join("update", directory, locale, file)
	}
	url := strings.NewReplacer("{path}", below, "{directory}", directory, "{locale}", locale, "{file}", file).Replace(c.URL)
	return fillIn(url, p.Config.Product, p.Version, p.Build, p.Date)
}

// snippets: no update server's data is made yet.
func (g *graph) snippets() string { return "" }

func (g *graph) liveSnippets(snippets, released string) string { return "" }
