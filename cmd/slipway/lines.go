package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// jsonFlag gives a verb the flag that asks for lines.
func jsonFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("json", false, "answer in JSON lines")
}

// lines writes an answer under --json: one object a line, each with the
// version of the schema, a gapless number and a type; the summary comes last.
type lines struct {
	w   io.Writer
	seq int
}

// put writes one line. fields is a struct or a map: its members stand beside
// those that every line has.
func (l *lines) put(kind string, fields any) error {
	rest, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	l.seq++
	sep := ","
	if string(rest) == "{}" {
		sep = ""
	}
	_, err = fmt.Fprintf(l.w, `{"v":1,"seq":%d,"type":%q%s%s`+"\n", l.seq, kind, sep, rest[1:])
	return err
}
