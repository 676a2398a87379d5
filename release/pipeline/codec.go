package pipeline

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// decodeArgs is strict: an argument that the kind does not know is a plan made
// by another version of the program, and guessing would change the meaning.
func decodeArgs[A any](t Task) (A, error) {
	var args A
	if len(t.Args) == 0 {
		return args, nil
	}
	dec := json.NewDecoder(bytes.NewReader(t.Args))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&args); err != nil {
		return args, fmt.Errorf("arguments of %s (kind %s): %w", t.ID, t.Kind, err)
	}
	return args, nil
}

func erase[F any](res Result[F]) (Raw, error) {
	facts, err := json.Marshal(res.Facts)
	return Raw{Files: res.Files, Facts: facts}, err
}
