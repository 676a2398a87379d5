package git

import (
	"context"
	"fmt"
	"strings"
)

// Tags asks the remote which tags begin with prefix and what they mark. A
// lightweight tag is listed like any other; [Mirror.Tag] refuses it.
func (m *Mirror) Tags(ctx context.Context, prefix string) (map[string]string, error) {
	if err := CheckRef(prefix); err != nil {
		return nil, err
	}
	out, err := m.run(ctx, "ls-remote", "--tags", "--end-of-options", m.URL, "refs/tags/"+prefix+"*")
	if err != nil {
		return nil, fmt.Errorf("listing tags of %s: %w", m.Name, err)
	}
	tags := map[string]string{}
	for _, l := range strings.Split(strings.TrimSuffix(out, "\n"), "\n") {
		id, ref, ok := strings.Cut(l, "\t")
		if !ok {
			continue
		}
		// The line NAME^{} follows NAME and gives what the tag object marks.
		name := strings.TrimSuffix(strings.TrimPrefix(ref, "refs/tags/"), "^{}")
		tags[name] = id
	}
	return tags, nil
}
