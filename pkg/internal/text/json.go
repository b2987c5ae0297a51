package text

import (
	"bytes"
	"encoding/json"
	"strings"
)

// JSON returns a value as one line of JSON for a person: encoding/json alone
// writes <, > and & as \u003c, \u003e and \u0026.
func JSON(value any) (string, error) {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return strings.TrimSuffix(line.String(), "\n"), nil
}
