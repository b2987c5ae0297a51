package stories

import (
	"context"
	"errors"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// until OBJECT COND… TIME
func (w *world) until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: until OBJECT COND… TIME")
	}
	limit, err := time.ParseDuration(args[len(args)-1])
	ts.Check(err)
	object, conditions := args[0], args[1:len(args)-1]
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	seen := history{began: time.Now()}
	var last *unstructured.Unstructured
	var lacking string
	var wrong error
	err = w.objects.follow(ctx, ts.Getenv("NS"), object, func(now *unstructured.Unstructured) bool {
		seen.note(now)
		last = now
		var ok bool
		ok, lacking, wrong = holds(now, conditions)
		return ok || wrong != nil
	})
	ts.Logf("%s", seen.String())
	ts.Check(wrong)
	if errors.Is(err, context.DeadlineExceeded) {
		ts.Fatalf("%s after %s: not %s\n%s", object, limit, lacking, statusOf(last))
	}
	ts.Check(err)
}

// hold TIME OBJECT COND…
func (w *world) hold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: hold TIME OBJECT COND…")
	}
	limit, err := time.ParseDuration(args[0])
	ts.Check(err)
	object, conditions := args[1], args[2:]
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	began := time.Now()
	err = w.objects.follow(ctx, ts.Getenv("NS"), object, func(now *unstructured.Unstructured) bool {
		ok, lacking, wrong := holds(now, conditions)
		ts.Check(wrong)
		if !ok {
			ts.Fatalf("%s did not hold; after %s: %s\n%s", object, time.Since(began).Round(time.Millisecond), lacking, statusOf(now))
		}
		return false
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		ts.Check(err)
	}
}
