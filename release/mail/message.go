package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Message is a mail as data.
type Message struct {
	Kind      Kind      `json:"kind"`
	ID        string    `json:"id"` // without angle brackets
	InReplyTo string    `json:"in_reply_to,omitempty"`
	Subject   string    `json:"subject"`
	From      string    `json:"from"`
	To        []string  `json:"to"`
	Date      time.Time `json:"date"`
	Urgent    bool      `json:"urgent,omitempty"`
	Body      string    `json:"body"` // lines end in \n
}

// Compose writes the mail of a kind, or says everything that is wrong with
// the facts.
func Compose(k Kind, f Facts) (Message, error) {
	if _, ok := forms[k]; !ok {
		return Message{}, f.check(k)
	}
	err := f.check(k)
	from, aerr := parseAddress(f.From)
	if aerr != nil {
		err = errors.Join(err, fmt.Errorf("sender: %w", aerr))
	}
	to, lerr := f.recipients(forms[k].audience)
	if err = errors.Join(err, lerr); err != nil {
		return Message{}, fmt.Errorf("%s mail: %w", k, err)
	}
	m := Message{
		Kind: k, ID: f.id(k, from), Subject: f.subject(k), From: from.String(), To: to,
		Date: f.Date.UTC().Truncate(time.Second), Urgent: k == AllStop || f.Urgency == Chemspill,
		Body: f.body(k),
	}
	if !forms[k].alone {
		first := f
		first.Serial = 0
		m.InReplyTo = first.id(GoToBuild, from)
	}
	// Parts that are short enough each may still make a subject that is not.
	if _, err := m.build(); err != nil {
		return Message{}, fmt.Errorf("%s mail: %w", k, err)
	}
	return m, nil
}

// id follows from what the mail is about, so that "was this one sent?" has an
// answer after any crash. The details tell stages, platforms and channels apart,
// and mails for other reasons.
func (f Facts) id(k Kind, from *netmail.Address) string {
	parts := []string{fmt.Sprintf("%s-%s-build%d", f.Product, f.Version, f.Build), string(k)}
	if k != GoToBuild && k != AllStop {
		for _, p := range []string{f.Stage, f.Platform, f.Channel} {
			if p != "" {
				parts = append(parts, p)
			}
		}
		if f.Rate != nil {
			parts = append(parts, fmt.Sprintf("%dpercent", *f.Rate))
		}
	}
	if f.Serial > 1 {
		parts = append(parts, fmt.Sprint(f.Serial))
	}
	if said := f.Said(k); said != "" {
		parts = append(parts, said)
	}
	for i, p := range parts {
		parts[i] = atom(p)
	}
	return strings.Join(parts, ".") + from.Address[strings.LastIndexByte(from.Address, '@'):]
}

// Said is a short digest of what a person said in a mail of this kind, empty
// where nobody gave a reason: one for another reason, or of another urgency, is
// another mail. Never so the go to build, which all mails of a build answer.
func (f Facts) Said(k Kind) string {
	if f.Reason == "" || k == GoToBuild {
		return ""
	}
	h := sha256.New()
	for _, s := range []string{string(f.Urgency), f.Reason, f.Running, f.Decides} {
		fmt.Fprintf(h, "%q ", s) // quoted, so that no text looks like two
	}
	return hex.EncodeToString(h.Sum(nil))[:SaidLen]
}

// SaidLen is in hex digits: a person sends a handful of mails about a build, and
// a name should stay one that can be read out.
const SaidLen = 8

// atom keeps the characters that need no quoting in a Message-ID and writes
// others, and the dot that parts are joined by where it could end one, as =xx.
func atom(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
			b.WriteByte(c)
		case c == '.' && i > 0 && i < len(s)-1 && s[i-1] != '.':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "=%02x", c)
		}
	}
	return b.String()
}

// EML gives the mail as a file, the same bytes each time.
func (m Message) EML() ([]byte, error) {
	msg, err := m.build()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("mail %s: %w", m.ID, err)
	}
	return b.Bytes(), nil
}

// build checks again what Compose checked: a message may come from a journal.
func (m Message) build() (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP))
	if why := notOneLine(m.Subject); why != "" || m.Subject == "" {
		return nil, fmt.Errorf("mail %s: subject %q: %s", short(m.ID), short(m.Subject), why)
	}
	for _, id := range []string{m.ID, m.InReplyTo} {
		if strings.ContainsAny(id, "<> \r\n\t") {
			return nil, fmt.Errorf("mail %q: not a Message-ID", short(id))
		}
	}
	from, err := parseAddress(m.From)
	if err != nil {
		return nil, fmt.Errorf("mail %s: sender: %w", m.ID, err)
	}
	msg.FromMailAddress(from)
	var to []*netmail.Address
	for _, s := range m.To {
		a, err := parseAddress(s)
		if err != nil {
			return nil, fmt.Errorf("mail %s: %w", m.ID, err)
		}
		to = append(to, a)
	}
	if len(to) == 0 {
		return nil, fmt.Errorf("mail %s: nobody to send it to", m.ID)
	}
	msg.ToMailAddress(to...)
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.ID)
	msg.SetDateWithValue(m.Date.UTC())
	if m.InReplyTo != "" {
		msg.SetGenHeader(gomail.HeaderInReplyTo, "<"+m.InReplyTo+">")
		msg.SetGenHeader(gomail.HeaderReferences, "<"+m.InReplyTo+">")
	}
	if m.Urgent {
		msg.SetGenHeader(gomail.HeaderImportance, "high")
		msg.SetGenHeader(gomail.HeaderXPriority, "1")
	}
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday notes in reply
	msg.SetGenHeader("X-Slipway-Kind", string(m.Kind))
	msg.SetBodyString(gomail.TypeTextPlain, m.Body)
	return msg, nil
}
