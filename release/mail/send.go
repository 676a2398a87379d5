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
}

const submission = 587 // RFC 6409

// patience bounds connecting, and then all that is said. A server may take that
// long over the end of the data: who gives up earlier gets its mail sent twice
// (RFC 5321, 4.5.3.2.6).
const patience = 10 * time.Minute

// TemporaryError is a failure that another attempt may not meet.
type TemporaryError struct{ Err error }

func (e *TemporaryError) Error() string { return e.Err.Error() }
func (e *TemporaryError) Unwrap() error { return e.Err }

// UnknownError is a failure while the server decided: it may have the mail.
type UnknownError struct{ Err error }

func (e *UnknownError) Error() string { return e.Err.Error() }
func (e *UnknownError) Unwrap() error { return e.Err }

// Send hands the mail to the server. Whether it was sent before is for the
// caller to know, by its ID. Any error but an [UnknownError] says that the
// server did not take it.
func Send(ctx context.Context, cfg SMTPConfig, m Message) error {
	msg, err := m.build()
	if err != nil {
		return err
	}
	ctx, hangUp := context.WithCancel(ctx)
	defer hangUp() // go-mail leaves a connection open on which QUIT failed
	client, err := cfg.client(ctx)
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() { // what fails after the server's yes takes nothing back
		return nil
	}
	err = fmt.Errorf("sending %q by %s: %w", m.Subject, client.ServerAddr(), err)
	switch {
	case unanswered(err):
		return &UnknownError{err}
	case temporary(err):
		return &TemporaryError{err}
	}
	return err
}

// unanswered: the data went out, and no yes or no came back.
func unanswered(err error) bool {
	var e *gomail.SendError
	return errors.As(err, &e) && (e.Reason == gomail.ErrWriteContent || e.Reason == gomail.ErrSMTPDataClose) && e.ErrorCode() == 0
}

func temporary(err error) bool {
	var refused *gomail.SendError
	if errors.As(err, &refused) {
		return refused.IsTemp()
	}
	var network net.Error
	return errors.As(err, &network)
}

func (c SMTPConfig) client(ctx context.Context) (*gomail.Client, error) {
	if c.Port == 0 {
		c.Port = submission
	}
	policy := gomail.TLSMandatory
	if local(c.Host) {
		policy = gomail.TLSOpportunistic
	}
	opts := []gomail.Option{
		gomail.WithPort(c.Port), gomail.WithTimeout(patience), gomail.WithTLSPolicy(policy), gomail.WithoutNoop(),
		gomail.WithDialContextFunc(until(ctx)),
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

// until dials, and hangs up when ctx ends: go-mail heeds a context only while it
// connects.
func until(ctx context.Context) gomail.DialContextFunc {
	return func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(dialing, network, address)
		if err == nil {
			context.AfterFunc(ctx, func() { conn.Close() })
		}
		return conn, err
	}
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
