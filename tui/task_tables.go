package tui

import (
	"fmt"
	"path/filepath"

	"github.com/charmbracelet/x/ansi"

	"slipway/release/engine"
)

// tables are what the task read, made and tried, side by side where there is
// room; the log needs the rest. What is empty is left out.
func (t *taskScreen) tables(l Look, w, room int) []string {
	if w < narrow || room < 6 {
		return nil
	}
	type column struct {
		width int
		lines []string
	}
	var columns []column
	if len(t.facts.Attempts) > 0 {
		tries := []string{"ATTEMPTS"}
		for _, a := range t.facts.Attempts {
			sign := " "
			if a.Number == t.earlier {
				sign = ">"
			}
			tries = append(tries, fmt.Sprintf("%s#%d %s %s %s", sign, a.Number, a.Began.UTC().Format("15:04:05"), l.glyph(a.State), spell(a.Took)))
		}
		columns = append(columns, column{26, tries})
	}
	for _, files := range []struct {
		title string
		all   []FileFacts
	}{{"OUTPUTS", t.facts.Outputs}, {"INPUTS", t.facts.Inputs}} {
		if len(files.all) == 0 {
			continue
		}
		lines := []string{fmt.Sprintf("%s %d", files.title, len(files.all))}
		for _, f := range files.all {
			lines = append(lines, fmt.Sprintf("%s %8s %s", l.fit(l.safe(filepath.Base(f.Name)), 22), size(f.Size), short(f.Digest)))
		}
		columns = append(columns, column{46, lines})
	}
	most := min(5, room/3) // rows; the commands below list all
	var lines []string
	for i := range most + 1 {
		line, any := " ", false
		for _, c := range columns {
			if used := ansi.StringWidth(line); used+c.width > w+2 {
				break
			}
			cell := ""
			switch {
			case i == most && len(c.lines) > i+1:
				cell = fmt.Sprintf("+%d more: slipway task show", len(c.lines)-i)
			case i < len(c.lines):
				cell = c.lines[i]
			}
			any = any || cell != ""
			if i == 0 {
				cell = l.paint(head, cell)
			}
			line += l.fit(cell, c.width)
		}
		if any {
			lines = append(lines, l.fit(line, w))
		}
	}
	return append(append([]string{""}, lines...), "")
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
