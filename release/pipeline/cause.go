package pipeline

import (
	"sort"
	"strings"
)

// Cause is failures that share a class and a cause, so that people read three
// causes instead of three hundred failures.
type Cause struct {
	Class Class    `json:"class"`
	Cause string   `json:"cause"`
	Text  string   `json:"text"` // the first one's whole text
	Tasks []string `json:"tasks"`
}

// GroupCauses groups failures, the largest group first, then by cause.
func GroupCauses(tasks []Task, troubles []Trouble) []Cause {
	type id struct {
		class Class
		cause string
	}
	at := map[id]int{}
	var groups []Cause
	for i, t := range tasks {
		why := troubles[i]
		k := id{why.Class, why.Cause}
		j, ok := at[k]
		if !ok {
			j = len(groups)
			at[k] = j
			groups = append(groups, Cause{Class: why.Class, Cause: why.Cause, Text: why.Text})
		}
		groups[j].Tasks = append(groups[j].Tasks, t.ID)
	}
	sort.SliceStable(groups, func(a, b int) bool {
		if x, y := len(groups[a].Tasks), len(groups[b].Tasks); x != y {
			return x > y
		}
		return groups[a].Cause < groups[b].Cause
	})
	return groups
}

// TroubleOf says why a task failed. An error that tells no cause gets its own
// first line, with the task's own names taken out so that equal causes group.
func TroubleOf(t Task, err error) Trouble {
	why := Trouble{Class: ClassOf(err), Cause: CauseOf(err), Text: err.Error()}
	if why.Cause == "" {
		line, _, _ := strings.Cut(why.Text, "\n")
		line = strings.ReplaceAll(line, t.ID, "TASK")
		for _, name := range []string{t.Platform, t.Locale} {
			line = replaceWord(line, name)
		}
		why.Cause = line
	}
	return why
}

// replaceWord drops whole words only: the locale "de" is not in "decode".
func replaceWord(line, word string) string {
	if word == "" {
		return line
	}
	var b strings.Builder
	for {
		i := strings.Index(line, word)
		if i < 0 {
			b.WriteString(line)
			return b.String()
		}
		end := i + len(word)
		if (i == 0 || !isWord(line[i-1])) && (end == len(line) || !isWord(line[end])) {
			b.WriteString(line[:i] + "…")
		} else {
			b.WriteString(line[:end])
		}
		line = line[end:]
	}
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
