package metacontroller

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestStream(t *testing.T) {
	const parent = `{"metadata":{"name":"c","namespace":"n"}}`
	large := `"` + strings.Repeat("x", 2*largestPart) + `"`
	for name, c := range map[string]struct {
		body, names string
		finalizing  bool
		err         error
	}{
		"children and related objects": {
			body:  `{"controller":{"a":[1,{}]},"parent":` + parent + `,"children":{"Job.batch/v1":{"n/j":{"metadata":{}}}},"related":{"A.b/v1":{"n/x":{"spec":{"deep":[1,[2]]},"metadata":{"name":"x","labels":{}}},"n/y":{"metadata":{"name":"y"}}},"C.v1":{}},"finalizing":true}`,
			names: `Job.batch/v1 {"metadata":{}}, related A.b/v1 {"spec":{"deep":[1,[2]]},"metadata":{"name":"x","labels":{}}}, related A.b/v1 {"metadata":{"name":"y"}}, `, finalizing: true,
		},
		"none":                           {body: `{"parent":` + parent + `,"related":null}`},
		"a key that is new":              {body: `{"parent":` + parent + `,"new":{"a":` + `[[]]` + `}}`},
		"a controller of any length":     {body: `{"controller":[` + strings.Repeat(`"xxxxxxx",`, largestPart/5) + `0],"parent":` + parent + `}`},
		"no parent":                      {body: `{"related":{}}`, err: ErrBadRequest},
		"a parent that is not an object": {body: `{"parent":[]}`, err: ErrBadRequest},
		"null as parent":                 {body: `{"parent":null}`, err: ErrBadRequest},
		"the parent last":                {body: `{"children":{"A.v1":{"n/x":{}}},"parent":` + parent + `}`, names: "A.v1 {}, "},
		"something after it":             {body: `{"parent":` + parent + `}{}`, err: ErrBadRequest},
		"not JSON":                       {body: `{"parent":` + parent + `,`, err: ErrBadRequest},
		"not an object":                  {body: `[]`, err: ErrBadRequest},
		"a related object that is large": {body: `{"parent":` + parent + `,"related":{"A.b/v1":{"n/x":{"data":` + large + `}}}}`, err: ErrLargePart},
		"a child that is large":          {body: `{"parent":` + parent + `,"children":{"A.b/v1":{"n/x":{"data":` + large + `}}}}`, err: ErrLargePart},
		"a parent that is large":         {body: `{"parent":{"data":` + large + `}}`, err: ErrLargePart},
		"a text of a controller":         {body: `{"controller":` + large + `}`, err: ErrLargePart},
	} {
		t.Run(name, func(t *testing.T) {
			of, names := "", ""
			finalizing, err := Stream(strings.NewReader(c.body), func(part Part) error {
				if part.Parent {
					of = string(part.Raw)
					return nil
				}
				if part.Related {
					names += "related "
				}
				names += part.Kind + " " + string(part.Raw) + ", "
				return nil
			})
			if !errors.Is(err, c.err) || c.err != nil && !errors.Is(err, ErrBadRequest) {
				t.Fatalf("%v, want %v", err, c.err)
			}
			if c.err == nil && (of != parent || finalizing != c.finalizing || names != c.names) {
				t.Errorf("%s %v %q", of, finalizing, names)
			}
		})
	}
	if _, err := Stream(iotest.ErrReader(io.ErrClosedPipe), func(Part) error { return nil }); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("%v, want the reader's error", err)
	}
	unwanted := errors.New("unwanted")
	if _, err := Stream(strings.NewReader(`{"parent":{}}`), func(Part) error { return unwanted }); !errors.Is(err, unwanted) {
		t.Errorf("%v, want that of use", err)
	}
}

func TestParentName(t *testing.T) {
	const whole = `{"controller":{},"parent":{"metadata":{"labels":{"name":"no"},"name":"x","namespace":"n"},"spec":{"a":1}}}`
	for body, want := range map[string]string{
		whole:                                "n/x",
		whole[:strings.Index(whole, "spec")]: "n/x",
		whole[:30]:                           "",
		"":                                   "",
		`[1]`:                                "",
	} {
		if got := ParentName([]byte(body)); got != want {
			t.Errorf("%q in %s, want %q", got, body, want)
		}
	}
}
