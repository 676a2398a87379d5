package release

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"slipway/release/pipeline"
)

// Draw writes a graph for people: "text" as a checklist, "dot" and "mermaid"
// for drawing programs.
func Draw(g pipeline.Graph, form string) (string, error) {
	switch form {
	case "text":
		return drawText(g), nil
	case "dot":
		return drawDot(g), nil
	case "mermaid":
		return drawMermaid(g), nil
	}
	return "", fmt.Errorf("graph form %q: want text, dot or mermaid", form)
}

func drawText(g pipeline.Graph) string {
	var b strings.Builder
	width := 0
	for _, t := range g.Tasks {
		width = max(width, len(t.ID))
	}
	stage := ""
	for _, t := range g.Tasks {
		if t.Stage != stage {
			stage = t.Stage
			fmt.Fprintf(&b, "%s\n", stage)
		}
		mark := "[ ]"
		if t.Kind == pipeline.KindGate {
			mark = "[?]" // waits for people
		}
		fmt.Fprintf(&b, "  %s %-*s  %s\n", mark, width, t.ID, t.Title)
	}
	fmt.Fprintf(&b, "%d tasks\n", len(g.Tasks))
	return b.String()
}

func drawDot(g pipeline.Graph) string {
	var b strings.Builder
	b.WriteString("digraph release {\n  rankdir=LR\n  node [shape=box]\n")
	for _, t := range g.Tasks {
		shape := ""
		if t.Kind == pipeline.KindGate {
			shape = " shape=diamond"
		}
		fmt.Fprintf(&b, "  %q [label=%q%s]\n", t.ID, t.Title, shape)
		for _, need := range t.Needs {
			fmt.Fprintf(&b, "  %q -> %q\n", need, t.ID)
		}
	}
	b.WriteString("}\n")
	return b.String()
}

func drawMermaid(g pipeline.Graph) string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	at := map[string]int{}
	for i, t := range g.Tasks {
		at[t.ID] = i
		title := strings.NewReplacer(`"`, "#quot;", "\n", " ").Replace(t.Title)
		if t.Kind == pipeline.KindGate {
			fmt.Fprintf(&b, "  t%d{\"%s\"}\n", i, title)
		} else {
			fmt.Fprintf(&b, "  t%d[\"%s\"]\n", i, title)
		}
		for _, need := range t.Needs {
			fmt.Fprintf(&b, "  t%d --> t%d\n", at[need], i)
		}
	}
	return b.String()
}

// PriorNames lists the versions that get partials, for people.
func (p *Plan) PriorNames() string {
	var names []string
	for _, prior := range p.Priors {
		names = append(names, prior.Version)
	}
	if names == nil {
		return "no prior release"
	}
	return strings.Join(names, " and ")
}

// DiffPlans says what changed from a to b, a line per value.
func DiffPlans(a, b *Plan) []string {
	old, now := flatten(a), flatten(b)
	var lines []string
	for k, v := range old {
		if w, ok := now[k]; !ok {
			lines = append(lines, fmt.Sprintf("- %s: %s", k, v))
		} else if v != w {
			lines = append(lines, fmt.Sprintf("~ %s: %s → %s", k, v, w))
		}
	}
	for k, w := range now {
		if _, ok := old[k]; !ok {
			lines = append(lines, fmt.Sprintf("+ %s: %s", k, w))
		}
	}
	sort.Slice(lines, func(i, j int) bool { return lines[i][2:] < lines[j][2:] })
	return lines
}

// flatten names every value of a plan. Elements of lists go by their own name
// where they have one, so that one more locale is one line.
func flatten(p *Plan) map[string]string {
	var v any
	if err := json.Unmarshal(p.Encode(), &v); err != nil {
		panic(err) // Encode writes JSON
	}
	flat := map[string]string{}
	flattenInto(flat, "", v)
	return flat
}

func flattenInto(flat map[string]string, at string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			flattenInto(flat, join(at, k), e)
		}
	case []any:
		for i, e := range v {
			name := fmt.Sprint(i)
			if m, ok := e.(map[string]any); ok {
				for _, key := range []string{"code", "name", "version", "path"} {
					if s, ok := m[key].(string); ok {
						name = s
						break
					}
				}
			}
			flattenInto(flat, join(at, name), e)
		}
	default:
		flat[at] = fmt.Sprint(v)
	}
}
