package authenticode

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"net/http"
	"net/url"
	"time"
)

// TSA is a server of timestamps by RFC 3161, such as every seller of
// certificates has. Its answers are signed, so plain http will do.
type TSA struct {
	URL string
}

// TSAError is a timestamp that was not to be had: another attempt may help.
type TSAError struct {
	URL string
	Err error
}

func (e *TSAError) Error() string { return "timestamp server " + e.URL + ": " + e.Err.Error() }
func (e *TSAError) Unwrap() error { return e.Err }

const (
	// maxAnswer is far above a timestamp with its chain, about 6 kB.
	maxAnswer = 256 << 10
	// patience with one answer; servers take a second when they are busy.
	patience = 30 * time.Second
)

// Stamp gets a timestamp of a signature, and checks that it is one.
func (t *TSA) Stamp(ctx context.Context, signature []byte) ([]byte, error) {
	token, err := t.stamp(ctx, signature)
	if err != nil {
		return nil, &TSAError{t.URL, err}
	}
	return token, nil
}

func (t *TSA) stamp(ctx context.Context, signature []byte) ([]byte, error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL, bytes.NewReader(request(signature, nonce)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/timestamp-query") // RFC 3161 §3.4
	resp, err := http.DefaultClient.Do(req)
	if twice := new(url.Error); errors.As(err, &twice) {
		err = twice.Err // TSAError names the URL
	}
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode != http.StatusOK || kind != "application/timestamp-reply" {
		return nil, fmt.Errorf("answered %s with %q, want 200 with a timestamp", resp.Status, kind)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("answered with over %d bytes", maxAnswer)
	}
	return answer(body, signature, nonce)
}
