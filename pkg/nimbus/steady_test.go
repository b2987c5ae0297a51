package nimbus

import "testing"

// A look and a call fail with the same text at each repetition (Must 5).
func TestWhatNimbusSaysAgainReadsTheSame(t *testing.T) {
	one, other := "session 0x17 of /10.0.0.7:41234 timed out after 30 seconds at 2031-07-19 13:47:53.123", "session 0x17 of /10.0.0.9:51234 timed out after 31 seconds at 2031-07-19 13:48:03.456"
	for name, err := range map[string]func(said string) error{
		"not alive":      func(said string) error { return &NotAliveError{Msg: said} },
		"not authorized": func(said string) error { return &AuthorizationError{Msg: said} },
		"already alive":  func(said string) error { return &AlreadyAliveError{Msg: said} },
		"untyped":        func(said string) error { return &UntypedError{Method: "activate", Msg: said} },
	} {
		if a, b := Message(err(one)), Message(err(other)); a != b {
			t.Errorf("%s:\n%s\n%s", name, a, b)
		}
	}
}
