package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// SMTPConfig is the server that takes our mails.
type SMTPConfig struct {
	Host string
	Port int // 0 is 587, where mail is submitted
	User string
	// Password is fetched by the caller and kept nowhere.
	Password string
	// TLS checks the server's certificate; nil is the system's roots. Without
	// encryption only a server on this machine is spoken to.
	TLS *tls.Config
	// Timeout bounds each command; 0 is 30 s.
	Timeout time.Duration
}

const submission = 587 // RFC 6409

// TemporaryError is a failure that another attempt may not meet.
type TemporaryError struct{ Err error }

func (e *TemporaryError) Error() string { return e.Err.Error() }
func (e *TemporaryError) Unwrap() error { return e.Err }

// Send hands the mail to the server. Whether it was sent before is for the
// caller to know, by its ID: a server that fails after taking a mail cannot
// say so.
func Send(ctx context.Context, cfg SMTPConfig, m Message) error {
	msg, err := m.build()
	if err != nil {
		return err
	}
	client, err := cfg.client()
	if err != nil {
		return err
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		err = fmt.Errorf("sending %q by %s: %w", m.Subject, client.ServerAddr(), err)
		if temporary(err) {
			return &TemporaryError{err}
		}
		return err
	}
	return nil
}

func temporary(err error) bool {
	var refused *gomail.SendError
	if errors.As(err, &refused) {
		return refused.IsTemp()
	}
	var network net.Error
	return errors.As(err, &network)
}

func (c SMTPConfig) client() (*gomail.Client, error) {
	if c.Port == 0 {
		c.Port = submission
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	policy := gomail.TLSMandatory
	if local(c.Host) {
		policy = gomail.TLSOpportunistic
	}
	opts := []gomail.Option{
		gomail.WithPort(c.Port), gomail.WithTimeout(c.Timeout), gomail.WithTLSPolicy(policy), gomail.WithoutNoop(),
	}
	if c.TLS != nil {
		opts = append(opts, gomail.WithTLSConfig(c.TLS))
	}
	if c.User != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.User), gomail.WithPassword(c.Password))
	}
	client, err := gomail.NewClient(c.Host, opts...)
	if err != nil {
		return nil, fmt.Errorf("mail server %s:%d: %w", c.Host, c.Port, err)
	}
	return client, nil
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
