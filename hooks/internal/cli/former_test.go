package cli

import (
	"strings"
	"testing"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// TestFormerSettings: each setting of an old Storm gets its counterpart, which is a setting
// of every Storm from 2.0.0 on.
func TestFormerSettings(t *testing.T) {
	for was, now := range former {
		if storm.Declares(was, "") || now != "" && (!storm.Declares(now, "2.0.0") || !storm.Declares(now, "")) {
			t.Errorf("%s | %s", was, now)
		}
		remarks := onSetting(was, 1, "2.8.1")
		if len(remarks) != 1 || !strings.Contains(remarks[0].Message, "before 2.0") || !strings.Contains(remarks[0].Message, now) {
			t.Errorf("%s: %+v", was, remarks)
		}
	}
	if len(former) < 12 {
		t.Errorf("%d rows", len(former))
	}
}
