package zucchini

import "errors"

func (e *element) applyReferences(equivalences []equivalence, oldPart, newPart []byte) error {
	return errors.New("not yet")
}
