package repack

import (
	"context"
	"fmt"
	"sort"

	"slipway/cache"
)

// localizer is one locale repack under way.
type localizer struct {
	store     *cache.Store
	job       LocaleJob
	base      map[string]cache.Entry // en-US files by path
	l10n      map[string]cache.Entry
	used      map[string]bool       // files of l10n that a rule took
	owner     map[string]LocaleRule // path in the archive → the rule that makes it
	tree      map[string]cache.Entry
	dirs      []string
	fallbacks []Keys
	obsolete  []Keys
}

func newLocalizer(store *cache.Store, job LocaleJob, base, l10n cache.Tree) *localizer {
	l := &localizer{
		store: store, job: job, dirs: base.Dirs,
		base: map[string]cache.Entry{}, l10n: map[string]cache.Entry{}, used: map[string]bool{},
		owner: map[string]LocaleRule{}, tree: map[string]cache.Entry{},
	}
	for _, e := range base.Entries {
		l.base[e.Path], l.tree[e.Path] = e, e
	}
	for _, e := range l10n.Entries {
		l.l10n[e.Path] = e
	}
	return l
}

// apply does one rule. Files are matched by what the wildcard stands for.
func (l *localizer) apply(ctx context.Context, rule LocaleRule) error {
	from := split(rule.Target, sourceLocale).below(l.job.AppRoot)
	to := split(rule.Target, l.job.Locale).below(l.job.AppRoot)
	source := split(rule.Source, l.job.Locale)
	english, local := matches(l.base, from), matches(l.l10n, source)
	mayAdd := rule.Format == formatCopy || rule.Format == formatReplace
	if len(english) == 0 && !(mayAdd && len(local) > 0) {
		return fmt.Errorf("rule %s matches no file below %q of the archive", rule, l.job.AppRoot)
	}
	for _, star := range union(english, local) {
		e, inBase := l.base[from.with(star)]
		n, inLocale := l.l10n[source.with(star)]
		if e.Link != "" || n.Link != "" {
			return fmt.Errorf("rule %s: %q is a symbolic link, only files are translated", rule, from.with(star))
		}
		if inLocale {
			l.used[n.Path] = true
		}
		if !inBase && !mayAdd {
			l.obsolete = append(l.obsolete, Keys{Path: n.Path})
			continue
		}
		if err := l.claim(to.with(star), rule); err != nil {
			return err
		}
		delete(l.tree, from.with(star))
		if inLocale {
			if err := l.put(ctx, rule, to.with(star), e, n); err != nil {
				return err
			}
			continue
		}
		l.fallbacks = append(l.fallbacks, Keys{Path: to.with(star)})
		if rule.Format != formatReplace {
			e.Path = to.with(star)
			l.tree[e.Path] = e
		}
	}
	return nil
}

func (l *localizer) claim(path string, rule LocaleRule) error {
	if other, taken := l.owner[path]; taken {
		return fmt.Errorf("rules %s and %s both make %s", other, rule, path)
	}
	l.owner[path] = rule
	return nil
}

// put writes the locale's file at path. base is the en-US one, if any.
func (l *localizer) put(ctx context.Context, rule LocaleRule, path string, base, local cache.Entry) error {
	out := cache.Entry{Path: path, Mode: 0o644, Size: local.Size, Blob: local.Blob}
	if base.Path != "" {
		out.Mode = base.Mode
	}
	if rule.Format != formatCopy && rule.Format != formatReplace {
		text, err := l.merged(ctx, rule.Format, path, base, local)
		if err != nil {
			return err
		}
		blob, err := l.store.PutBytes(ctx, text)
		if err != nil {
			return err
		}
		out.Blob, out.Size = blob.Digest, blob.Size
	}
	l.tree[path] = out
	return nil
}

func (l *localizer) merged(ctx context.Context, format, path string, base, local cache.Entry) ([]byte, error) {
	b, err := l.store.Bytes(ctx, base.Blob, maxStrings)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", base.Path, err)
	}
	n, err := l.store.Bytes(ctx, local.Blob, maxStrings)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", local.Path, err)
	}
	text, missing, obsolete, err := mergeStrings(format, base.Path, b, local.Path, n)
	if len(missing) > 0 {
		l.fallbacks = append(l.fallbacks, Keys{path, missing})
	}
	if len(obsolete) > 0 {
		l.obsolete = append(l.obsolete, Keys{local.Path, obsolete})
	}
	return text, err
}

// result is the tree of the localized archive.
func (l *localizer) result() (cache.Tree, error) {
	if len(l.used) == 0 {
		return cache.Tree{}, fmt.Errorf("no rule finds a file among the %d of the locale: users would get English", len(l.l10n))
	}
	var tree cache.Tree
	for _, e := range l.tree {
		tree.Entries = append(tree.Entries, e)
	}
	tree.Dirs = notFilled(l.dirs, tree.Entries)
	tree.Sort()
	return tree, nil
}

// unused lists what the locale has and nobody asked for: strings and whole files.
func (l *localizer) unused() []Keys {
	list := l.obsolete
	for p := range l.l10n {
		if !l.used[p] {
			list = append(list, Keys{Path: p})
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Path < list[j].Path })
	return list
}

func matches(files map[string]cache.Entry, p pattern) map[string]bool {
	stars := map[string]bool{}
	for path := range files {
		if star, ok := p.match(path); ok {
			stars[star] = true
		}
	}
	return stars
}

func union(a, b map[string]bool) []string {
	var list []string
	for s := range a {
		list = append(list, s)
	}
	for s := range b {
		if !a[s] {
			list = append(list, s)
		}
	}
	sort.Strings(list)
	return list
}
