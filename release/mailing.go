package release

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	mails "slipway/release/mail"
	"slipway/release/pipeline"
)

// Told is what a person adds to a mail that is not one of the graph's.
type Told struct {
	Who     string
	Role    string
	Reason  string
	Running string // all stop: what happens to running jobs
	Decides string // all stop: who decides what comes next
	Stage   string
	Urgency string // when it is no more the plan's
	Channel string // instead of the one that the kind is about
}

func (p *Plan) toldFacts(k mails.Kind, told Told, now time.Time) mails.Facts {
	f := p.mailFacts(k)
	f.Date, f.Role, f.Reason, f.Running, f.Decides, f.Stage = now, told.Role, told.Reason, told.Running, told.Decides, told.Stage
	f.Who = cmp.Or(told.Who, f.Who)
	f.Urgency = cmp.Or(mails.Urgency(told.Urgency), f.Urgency)
	f.Channel = cmp.Or(told.Channel, f.Channel)
	return f
}

// ComposeMail writes a mail about a plan's release, dated now.
func ComposeMail(p *Plan, k mails.Kind, told Told, now time.Time) (mails.Message, error) {
	return mails.Compose(k, p.toldFacts(k, told, now))
}

// ErrMailed refuses to say a thing twice by accident.
var ErrMailed = errors.New("this mail was sent before")

// DeliverMail sends a mail, or leaves it in a file, as the plan's product does,
// and returns its subject. One that was sent before, for the same reason, is
// refused with [ErrMailed], or again gets the next number: mail programs drop what
// has a former one's ID, and file what has its subject under it.
func (e Env) DeliverMail(ctx context.Context, p *Plan, k mails.Kind, told Told, again bool) (subject string, err error) {
	c := p.Config.Mail
	args := mailArgs{Kind: k, Facts: p.toldFacts(k, told, e.Now()), Out: c.Out, SMTP: c.SMTP}
	for args.Facts.Serial = 1; ; args.Facts.Serial++ {
		was, sent, err := e.mailProbe(ctx, pipeline.Call{}, args)
		if err != nil {
			return "", err
		}
		taken := sent
		if !sent {
			if taken, err = e.numbered(args); err != nil {
				return "", err
			}
		}
		if !taken {
			now, err := e.mail(ctx, pipeline.Call{}, args)
			return now.Facts.Subject, err
		}
		if sent && !again {
			return "", fmt.Errorf("%w: %s", ErrMailed, was.Facts.Subject)
		}
	}
}

// MailFailure tells those who decide, if they have a list, that a run ended with
// failures.
func (e Env) MailFailure(ctx context.Context, p *Plan, stage string, causes []pipeline.Cause) error {
	if !p.asksDrivers() {
		return nil
	}
	var lines []string
	for _, c := range causes {
		who := c.Tasks[0]
		if n := len(c.Tasks) - 1; n > 0 {
			who += fmt.Sprintf(" and %d more", n)
		}
		first, _, _ := strings.Cut(c.Text, "\n")
		lines = append(lines, who+": "+first)
	}
	_, err := e.DeliverMail(ctx, p, mails.StageFailed, Told{Stage: stage, Reason: strings.Join(lines, "; ")}, true)
	return err
}

func (e Env) mail(ctx context.Context, _ pipeline.Call, args mailArgs) (pipeline.Result[mailFacts], error) {
	var none pipeline.Result[mailFacts]
	m, err := mails.Compose(args.Kind, args.Facts)
	if err != nil {
		return none, pipeline.Fail(pipeline.Input, "the mail cannot be written", err)
	}
	if args.SMTP == nil {
		return mailed(m), e.keepMail(args.Out, args.Facts, m)
	}
	m.Date = e.Now().UTC()
	return mailed(m), e.sendMail(ctx, *args.SMTP, m)
}

func mailed(m mails.Message) pipeline.Result[mailFacts] {
	return pipeline.Result[mailFacts]{Facts: mailFacts{m.ID, m.Subject}}
}

// emlName tells apart what mails' IDs do.
func emlName(f mails.Facts, k mails.Kind) string {
	name := fmt.Sprintf("%s-%s-build%d.%s", strings.ToLower(f.Product), f.Version, f.Build, k)
	if f.Stage != "" {
		name += "-" + strings.ReplaceAll(f.Stage, "/", "-")
	}
	switch k {
	case mails.UpdatesAvailable, mails.PushRequest, mails.ShipRequest: // one for each channel
		name += "-" + strings.ReplaceAll(f.Channel, "/", "-")
	}
	if f.Rate != nil && *f.Rate < everybody {
		name += fmt.Sprintf("-%d", *f.Rate)
	}
	if f.Serial > 1 {
		name += fmt.Sprintf("-%d", f.Serial)
	}
	if said := f.Said(k); said != "" {
		name += "." + said
	}
	return name + ".eml"
}

// numbered tells whether a mail of this kind and number was sent that says
// something else.
func (e Env) numbered(args mailArgs) (bool, error) {
	said := args.Facts.Said(args.Kind)
	if said == "" {
		return false, nil
	}
	dir, name := Below(e.Root, args.Out), emlName(args.Facts, args.Kind)
	if args.SMTP != nil {
		m, err := mails.Compose(args.Kind, args.Facts)
		if err != nil {
			return false, err
		}
		dir = e.mailNotes()
		_, name = mailNote(m.ID)
	}
	head, tail, _ := strings.Cut(name, "."+said)
	files, err := os.ReadDir(dir)
	for _, f := range files {
		rest, ok := strings.CutPrefix(f.Name(), head)
		rest, ends := strings.CutSuffix(rest, tail)
		if ok && ends && (rest == "" || len(rest) == 1+mails.SaidLen && rest[0] == '.') {
			return true, nil
		}
	}
	return false, notThere(err)
}

func (e Env) keepMail(out string, f mails.Facts, m mails.Message) error {
	text, err := m.EML()
	if err != nil {
		return err
	}
	name := emlName(f, m.Kind)
	s, err := openSite(Below(e.Root, out), name) // others write here too
	if err != nil {
		return err
	}
	return errors.Join(s.replace(name, text), s.close())
}

// sendMail notes the intent before and the success after. A note of intent
// alone is what a crash at the wrong moment leaves: then a person must look.
func (e Env) sendMail(ctx context.Context, server SMTP, m mails.Message) error {
	password := ""
	if server.Password != "" {
		secret, err := e.open(ctx, server.Password)
		if err != nil {
			return pipeline.Fail(pipeline.Policy, "the mail password is not to be had", err)
		}
		password = string(secret.Reveal())
		secret.Wipe()
	}
	notes, err := openSite(e.mailNotes(), m.ID)
	if err != nil {
		return err
	}
	intent, done := mailNote(m.ID)
	if err = notes.replace(intent, []byte(m.Subject+"\n")); err == nil {
		err = notes.flush() // it must outlive a power cut while the server has the mail
	}
	if err == nil {
		err = mails.Send(ctx, mails.SMTPConfig{Host: server.Host, Port: server.Port, User: server.User, Password: password}, m)
		switch {
		case err == nil:
			err = notes.move(intent, done)
		case errors.As(err, new(*mails.UnknownError)):
			err = e.maybeSent(m, err.Error())
		default: // the server said no, or was not there: nothing was sent
			err = errors.Join(mailRefused(err), notes.remove(intent))
		}
	}
	return errors.Join(err, notes.close())
}

func mailRefused(err error) error {
	class := pipeline.Input
	if errors.As(err, new(*mails.TemporaryError)) {
		class = pipeline.Infra
	}
	return pipeline.Fail(class, "the mail server did not take it", err)
}

// mailNotes is where it is noted which mails were sent.
func (e Env) mailNotes() string { return filepath.Join(e.State, "mail") }

func mailNote(id string) (intent, done string) { return id + ".sending", id + ".sent" }

func (e Env) mailProbe(_ context.Context, _ pipeline.Call, args mailArgs) (pipeline.Result[mailFacts], bool, error) {
	m, err := mails.Compose(args.Kind, args.Facts)
	if err != nil {
		return pipeline.Result[mailFacts]{}, false, pipeline.Fail(pipeline.Input, "the mail cannot be written", err)
	}
	if args.SMTP == nil {
		_, err := os.Stat(filepath.Join(Below(e.Root, args.Out), emlName(args.Facts, args.Kind)))
		return mailed(m), err == nil, notThere(err)
	}
	intent, done := mailNote(m.ID)
	if _, err := os.Stat(filepath.Join(e.mailNotes(), done)); err == nil {
		return mailed(m), true, nil
	}
	if _, err := os.Stat(filepath.Join(e.mailNotes(), intent)); err == nil {
		return mailed(m), false, e.maybeSent(m, fmt.Sprintf("slipway was stopped while sending %q", m.Subject))
	}
	return mailed(m), false, nil
}

// maybeSent asks for a person, who can see whether a mail arrived.
func (e Env) maybeSent(m mails.Message, why string) error {
	intent, _ := mailNote(m.ID)
	return pipeline.Fail(pipeline.Policy, "a mail may have been sent", fmt.Errorf(
		"%s; see whether it arrived, then rename %s to end in .sent, or remove it to send again", why, filepath.Join(e.mailNotes(), intent)))
}

func notThere(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
