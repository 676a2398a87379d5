package repack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"slipway/cache"
)

// LocaleJob asks for a localized archive.
type LocaleJob struct {
	Archive cache.Digest `json:"archive"` // the en-US build
	Format  Format       `json:"format"`  // of it and of what is made
	AppRoot string       `json:"app_root,omitempty"`
	Locale  string       `json:"locale"`
	L10n    cache.Digest `json:"l10n"` // the locale's files: a [cache.Tree] as JSON
	Rules   []LocaleRule `json:"rules"`
	When    time.Time    `json:"when"` // for the archive's entries, from the plan
}

// Locale makes the archive of a locale out of the en-US one. Nothing but the
// files that the rules name changes; a rule that names nothing is an error,
// for then the product has moved its files and users would get English.
func (r *Repacker) Locale(ctx context.Context, job LocaleJob) (Repacked, error) {
	out, err := r.locale(ctx, job)
	if err != nil {
		return Repacked{}, fmt.Errorf("repacking %s: %w", job.Locale, err)
	}
	return out, nil
}

func (r *Repacker) locale(ctx context.Context, job LocaleJob) (Repacked, error) {
	if job.Locale == sourceLocale || !localeForm.MatchString(job.Locale) {
		return Repacked{}, fmt.Errorf("locale %q: want one such as de or pt-BR; %s is what others are made from", job.Locale, sourceLocale)
	}
	if err := checkRules(job.Rules); err != nil {
		return Repacked{}, err
	}
	base, err := r.Unpack(ctx, job.Archive, job.Format)
	if err != nil {
		return Repacked{}, err
	}
	l10n, err := r.Store.Tree(ctx, job.L10n)
	if err != nil {
		return Repacked{}, fmt.Errorf("files of the locale: %w", err)
	}
	l := newLocalizer(r.Store, job, base, l10n)
	for _, rule := range job.Rules {
		if err := l.apply(ctx, rule); err != nil {
			return Repacked{}, err
		}
	}
	tree, err := l.result()
	if err != nil {
		return Repacked{}, err
	}
	out := Repacked{Format: job.Format, Changes: Diff(base, tree), Fallbacks: l.fallbacks, Obsolete: l.unused()}
	return out, r.finish(ctx, &out, tree, job.When)
}

// finish packs the tree and keeps it.
func (r *Repacker) finish(ctx context.Context, out *Repacked, tree cache.Tree, when time.Time) error {
	blob, err := r.Store.PutTree(ctx, tree)
	if err != nil {
		return err
	}
	out.Tree = blob.Digest
	out.Archive, err = Pack(ctx, r.Store, tree, out.Format, when)
	return err
}

func checkRules(rules []LocaleRule) error {
	if len(rules) == 0 {
		return fmt.Errorf("no rules say which files are translated")
	}
	var errs []error
	for _, rule := range rules {
		errs = append(errs, rule.Check())
	}
	return errors.Join(errs...)
}

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

// mergeStrings merges two files of strings; names are for errors.
func mergeStrings(format, baseName string, base []byte, locName string, loc []byte) (text []byte, missing, obsolete []string, err error) {
	if format == formatJSON {
		b, err := parseJSON(baseName, base)
		if err != nil {
			return nil, nil, nil, err
		}
		l, err := parseJSON(locName, loc)
		if err != nil {
			return nil, nil, nil, err
		}
		o, missing, obsolete, err := mergeJSON(b, l, "")
		if err != nil {
			return nil, nil, nil, fmt.Errorf("%s: %w", locName, err)
		}
		var out bytes.Buffer
		o.write(&out, "")
		out.WriteByte('\n')
		return out.Bytes(), missing, obsolete, nil
	}
	b, err := parseStrings(baseName, format, base)
	if err != nil {
		return nil, nil, nil, err
	}
	l, err := parseStrings(locName, format, loc)
	if err != nil {
		return nil, nil, nil, err
	}
	text, missing, obsolete = merge(b, l)
	return text, missing, obsolete, nil
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
