package tui

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"slipway/release/engine"
)

// tables are what the task read, made and tried, side by side where there is
// room; the log needs the rest.
func (t *taskScreen) tables(l Look, w, room int) []string {
	if w < narrow || room < 6 {
		return nil
	}
	files := func(title string, all []FileFacts) []string {
		lines := []string{fmt.Sprintf("%s %d", title, len(all))}
		for _, f := range all {
			lines = append(lines, fmt.Sprintf("%s %8s %s", l.fit(l.safe(filepath.Base(f.Name)), 22), size(f.Size), short(f.Digest)))
		}
		return lines
	}
	tries := []string{"ATTEMPTS"}
	for _, a := range t.facts.Attempts {
		tries = append(tries, fmt.Sprintf("#%d %s %s %s", a.Number, a.Began.UTC().Format("15:04:05"), l.glyph(a.State), spell(a.Took)))
	}
	columns := [][]string{tries, files("OUTPUTS", t.facts.Outputs), files("INPUTS", t.facts.Inputs)}
	widths := []int{24, 46, 46}
	most := min(5, room/3) // rows; the commands below list all
	lines := make([]string, 0, most+2)
	for i := range most + 1 {
		line, any := " ", false
		for c, column := range columns {
			if used := ansi.StringWidth(line); used+widths[c] > w+2 {
				break
			}
			cell := ""
			switch {
			case i == most && len(column) > i+1:
				cell = fmt.Sprintf("+%d more: slipway task show", len(column)-i)
			case i < len(column):
				cell = column[i]
			}
			any = any || cell != ""
			if i == 0 {
				cell = l.paint(head, cell)
			}
			line += l.fit(cell, widths[c])
		}
		if any {
			lines = append(lines, l.fit(line, w))
		}
	}
	return append(append([]string{""}, lines...), "")
}

func some(list []string, most int) string {
	if len(list) > most {
		return strings.Join(list[:most], ", ") + fmt.Sprintf(" and %d more", len(list)-most)
	}
	return strings.Join(list, ", ")
}

func dependents(s *engine.Snapshot, id string) []string {
	var ids []string
	for i := range s.Tasks {
		for _, need := range s.Tasks[i].Needs {
			if need == id {
				ids = append(ids, s.Tasks[i].ID)
				break
			}
		}
	}
	return ids
}

func short(digest string) string {
	digest = strings.TrimPrefix(digest, "sha256:")
	if len(digest) > 12 {
		return digest[:12]
	}
	return digest
}
