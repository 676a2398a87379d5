package repack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
