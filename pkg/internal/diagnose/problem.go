package diagnose

import (
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// Problem is what is wrong with a child.
type Problem struct {
	problem.Problem
	// Stale: the pod lacks what it only gets when it is created. Only a new pod will
	// have it.
	Stale bool
	// Helper: the cause is the helper image, or how the pod gets the helper. Both are set
	// at the hook server.
	Helper bool
}

// ofHelper is a Problem whose cause is set at the hook server.
func ofHelper(p *Problem) *Problem {
	p.Helper = true
	return p
}

// report is a Problem that counts if its reason does.
func report(reason, format string, args ...any) *Problem {
	p := problem.New(reason, format, args...)
	p.Message = text.Capital(p.Message)
	return &Problem{Problem: *p}
}

// outside is a Problem that does not count, whatever its reason: its cause is outside
// of the child.
func outside(reason, format string, args ...any) *Problem {
	p := report(reason, format, args...)
	p.Counts = false
	return p
}
