package mail

import (
	"fmt"
	"strings"

	"slipway/release/text"
)

const (
	width    = 72       // what is still unbroken when quoted twice
	maxLog   = 20       // lines
	maxWords = 16 << 10 // bytes of a comment or reason
)

// body writes the text of a mail: what happened, then the facts, one a line.
func (f Facts) body(k Kind) string {
	var b strings.Builder
	b.WriteString(f.fill(forms[k].says) + "\n\n")
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-14s %s\n", name+":", value)
		}
	}
	list := func(name string, values []string) {
		if len(values) > 0 {
			line(fmt.Sprintf("%s (%d)", name, len(values)), wrap(values))
		}
	}
	line("Product", f.Product)
	line("Version", f.Version)
	line("Build", fmt.Sprint(f.Build))
	line("Urgency", string(f.Urgency))
	if len(f.Revisions) > 0 {
		b.WriteString("\nRevisions:\n")
		for _, r := range f.Revisions {
			fmt.Fprintf(&b, "  %s  %s\n", r.Revision, r.Repository)
			if r.URL != "" {
				fmt.Fprintf(&b, "    %s\n", r.URL)
			}
		}
		b.WriteByte('\n')
	}
	line("Cutoff", f.Cutoff)
	list("Locales", f.Locales)
	list("Partials", f.Partials)
	list("Partners", f.Partners)
	line("Reason", paragraph(f.Reason))
	line("Running jobs", paragraph(f.Running))
	line("Next step", paragraph(f.Decides))
	line("See", f.Link)
	line("Directory", f.Directory)
	if f.Comment != "" {
		b.WriteString("\n" + cut(text.SanitizeLines(f.Comment)) + "\n")
	}
	if len(f.Log) > 0 {
		log := f.Log[max(0, len(f.Log)-maxLog):]
		b.WriteString("\nThe end of its log:\n")
		for _, l := range log {
			b.WriteString("  " + cut(text.Sanitize(l)) + "\n")
		}
	}
	body := strings.TrimRight(b.String(), "\n") + "\n"
	if f.Who != "" {
		body += "\n" + signature(f.Who, f.Role) + "\n"
	}
	return body
}

func signature(who, role string) string {
	if role == "" {
		return who
	}
	return who + ", " + role
}

// wrap sets a list of words in lines that hang below its name.
func wrap(words []string) string {
	const indent = "\n               "
	var b strings.Builder
	col := len(indent) - 1
	for i, w := range words {
		w = text.Sanitize(w)
		if i > 0 && col+1+len(w) > width {
			b.WriteString(indent)
			col = len(indent) - 1
		} else if i > 0 {
			b.WriteByte(' ')
			col++
		}
		b.WriteString(w)
		col += len(w)
	}
	return b.String()
}

func paragraph(s string) string {
	return strings.ReplaceAll(cut(text.SanitizeLines(strings.TrimSpace(s))), "\n", "\n               ")
}

func cut(s string) string {
	if len(s) <= maxWords {
		return s
	}
	return strings.ToValidUTF8(s[:maxWords], "") + fmt.Sprintf(" … (%d bytes left out)", len(s)-maxWords)
}
