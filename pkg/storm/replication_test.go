package storm

import (
	"testing"
	"time"
)

func TestOwnReplicationWait(t *testing.T) {
	for name, c := range map[string]struct {
		value any
		want  time.Duration
	}{
		"not set":     {nil, 0},
		"set":         {int64(300), 5 * time.Minute},
		"without end": {int64(-1), time.Hour},
		"zero":        {int64(0), time.Hour},
		"too long":    {int64(1) << 40, time.Hour},
		"a reference": {"$(WAIT)", 0},
	} {
		if got := OwnReplicationWait(map[string]any{ReplicationWait: c.value}); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
