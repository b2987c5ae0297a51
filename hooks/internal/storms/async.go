package storms

import (
	"fmt"
	"runtime/debug"
	"time"
)

// Panic is a panic of Stormhooks in a goroutine beside a call, with the stack of that
// goroutine. It is raised again in the call: there it becomes a 500, and not the end of
// the server.
type Panic struct {
	Value any
	Stack string
}

func (p Panic) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

// caught is the panic of a function; nil if there was none.
func caught(do func()) (panicked any) {
	defer func() {
		if value := recover(); value != nil {
			panicked = Panic{Value: value, Stack: string(debug.Stack())}
		}
	}()
	do()
	return nil
}

// async is a function that runs beside its caller.
type async[T any] struct {
	done     chan struct{}
	answer   T
	err      error
	panicked any
}

func runAsync[T any](do func() (T, error)) *async[T] {
	a := &async[T]{done: make(chan struct{})}
	go func() {
		defer close(a.done)
		a.panicked = caught(func() { a.answer, a.err = do() })
	}()
	return a
}

// within waits for the function's end, up to a limit.
func (a *async[T]) within(limit time.Duration) (answer T, err error, done bool) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-a.done:
		if a.panicked != nil {
			panic(a.panicked)
		}
		return a.answer, a.err, true
	case <-timer.C:
		return answer, nil, false
	}
}
