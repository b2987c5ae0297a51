package nimbus

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// fakeBlobs are the blobs of a fakeStorm.
type fakeBlobs struct {
	*fakeStorm
	whole map[string][]byte // by key
	parts map[string]*bytes.Buffer
	begun map[string]bool // keys that Nimbus refuses, since it has begun to keep them
	// broken fails once at the upload of a key that contains it.
	broken string
	// submitted are the keys of each submission, the dry runs included.
	submitted [][]string
}

func startBlobs(t *testing.T) *fakeBlobs {
	t.Helper()
	b := &fakeBlobs{fakeStorm: startStorm(t), whole: map[string][]byte{}, parts: map[string]*bytes.Buffer{}, begun: map[string]bool{}}
	for method, answer := range map[string]func(first, second, method string, seq int32) []byte{
		"beginCreateBlob": b.create, "uploadBlobChunk": b.piece, "finishBlobUpload": b.finish, "cancelBlobUpload": b.cancel,
		"createStateInZookeeper": func(_, _, method string, seq int32) []byte { return void(nil, method, seq) },
		"getBlobMeta":            b.meta, "deleteBlob": b.remove,
	} {
		b.does(method, func(args *cursor, method string, seq int32) []byte {
			b.mu.Lock()
			defer b.mu.Unlock()
			fields, second := args.fields(0), ""
			if len(fields) > 1 && fields[1].kind == typeString {
				second = (&cursor{frame: fields[1].raw}).string()
			}
			return answer(firstString(fields), second, method, seq)
		})
	}
	submits := b.on["submitTopologyWithOpts"]
	b.does("submitTopologyWithOpts", func(args *cursor, method string, seq int32) []byte {
		again := *args
		if got, err := parseSubmission(&again); err == nil {
			b.submitted = append(b.submitted, keysIn(t, got.Topology))
		}
		return submits(args, method, seq)
	})
	return b
}

// keysIn are the dependency_jars of a topology.
func keysIn(t *testing.T, topology []byte) (keys []string) {
	t.Helper()
	for _, f := range (&cursor{frame: topology}).fields(0) {
		if f.id != 5 {
			continue
		}
		list := &cursor{frame: f.raw}
		list.byte()
		for count := list.i32(); count > 0; count-- {
			keys = append(keys, list.string())
		}
		if list.err != nil || list.at != len(list.frame) {
			t.Errorf("field 5 is not a list of strings: %v", list.err)
		}
	}
	return keys
}

func (b *fakeBlobs) create(key, _, method string, seq int32) []byte {
	b.note("blob")
	if b.begun[key] {
		return internalError(method, seq)
	}
	b.begun[key], b.parts["session "+key] = true, &bytes.Buffer{}
	return textAnswer("session "+key)(nil, method, seq)
}

func (b *fakeBlobs) piece(session, piece, method string, seq int32) []byte {
	if b.broken != "" && strings.Contains(session, b.broken) {
		b.broken = ""
		return internalError(method, seq)
	}
	b.parts[session].WriteString(piece)
	return void(nil, method, seq)
}

func (b *fakeBlobs) finish(session, _, method string, seq int32) []byte {
	b.whole[strings.TrimPrefix(session, "session ")] = b.parts[session].Bytes()
	delete(b.parts, session)
	return void(nil, method, seq)
}

func (b *fakeBlobs) cancel(session, _, method string, seq int32) []byte {
	delete(b.parts, session)
	return void(nil, method, seq)
}

func (b *fakeBlobs) meta(key, _, method string, seq int32) []byte {
	if _, there := b.whole[key]; !there {
		return throws(2, key)(nil, method, seq)
	}
	return reply(method, seq, func(w *writer) {
		w.field(typeStruct, 0)
		w.field(typeI64, 2).raw(make([]byte, 8))
		w.stop()
	})
}

func (b *fakeBlobs) remove(key, _, method string, seq int32) []byte {
	b.note("delete")
	if !b.begun[key] {
		return throws(2, key)(nil, method, seq)
	}
	delete(b.whole, key)
	delete(b.begun, key)
	return void(nil, method, seq)
}

// note adds a word to the story, and a repeated one once.
func (b *fakeBlobs) note(word string) {
	if n := len(b.story); n == 0 || b.story[n-1] != word {
		b.story = append(b.story, word)
	}
}

// Dependencies lie on Nimbus before anything is stopped. Those of a submission that certainly
// did not happen are deleted, others never, and each submission has its own keys.
func TestHandOverWithDependencies(t *testing.T) {
	older := submission().Fingerprint
	older.Revision, older.Generation = "r0", 1
	for why, c := range map[string]struct {
		world  func(*fakeBlobs, *storm.Submission)
		stopAt string
		story  string
		// left is how many sets of keys are left; the one that runs is whole.
		left int
	}{
		"the first": {story: "upload blob submit", left: 1},
		"an update": {world: func(s *fakeBlobs, _ *storm.Submission) { s.runs(older) }, story: "upload blob probe control kill submit", left: 1},
		"it runs":   {world: func(s *fakeBlobs, sub *storm.Submission) { s.runs(sub.Fingerprint) }},
		"Nimbus rejects it": {world: func(s *fakeBlobs, sub *storm.Submission) {
			s.runs(older)
			sub.Settings = map[string]any{"topology.workers": "bad"}
		}, story: "upload blob probe probe delete"},
		"stopped before the kill": {world: func(s *fakeBlobs, _ *storm.Submission) { s.runs(older) }, stopAt: "probe", story: "upload blob probe control delete"},
		"a dependency fails once": {world: func(s *fakeBlobs, _ *storm.Submission) { s.broken = "b-lib" }, story: "upload blob delete blob submit", left: 1},
		"Nimbus fails behind the JAR": {world: func(s *fakeBlobs, _ *storm.Submission) { s.runs(older); s.behind = true },
			story: "upload blob probe control kill submit upload delete blob submit delete"},
		"the answer is lost, and it runs": {world: func(s *fakeBlobs, _ *storm.Submission) { s.loses = "submitTopologyWithOpts" }, story: "upload blob submit", left: 1},
		"the answer is lost, and it never runs": {world: func(s *fakeBlobs, _ *storm.Submission) { s.loses, s.drops = "submitTopologyWithOpts", 1 },
			story: "upload blob submit blob submit", left: 2}, // no one knows whether Nimbus is still at the first one
		"Storm does not list it at first": {world: func(s *fakeBlobs, _ *storm.Submission) { s.drops = 1 }, story: "upload blob submit blob submit", left: 2},
		"rejected after the kill":         {world: func(s *fakeBlobs, _ *storm.Submission) { s.runs(older); s.late = "no room" }, story: "upload blob probe control kill submit delete"},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			s, sub := startBlobs(t), submission()
			if c.world != nil {
				c.world(s, &sub)
			}
			folder := t.TempDir()
			content := map[string][]byte{"a-lib": bytes.Repeat([]byte("a"), 2*pieceSize+1), "b-lib": []byte("b"), "c+lib": nil}
			for _, name := range []string{"b-lib", "a-lib", "c+lib"} {
				file := filepath.Join(folder, name+".jar")
				if err := os.WriteFile(file, content[name], 0o600); err != nil {
					t.Fatal(err)
				}
				sub.Dependencies = append(sub.Dependencies, file)
			}
			h, _ := handingOver(t, s.fakeStorm, sub, 10)
			h.terminated = func() bool {
				s.mu.Lock()
				defer s.mu.Unlock()
				return c.stopAt != "" && slices.Contains(s.story, c.stopAt)
			}
			_, refusal := h.run(context.Background())
			if diff := cmp.Diff(c.story, strings.Join(s.story, " ")); diff != "" {
				t.Errorf("(-want +got):\n%s\n%+v", diff, refusal)
			}
			if len(s.whole) != 3*c.left || len(s.begun) != 3*c.left || len(s.parts) > 0 {
				t.Errorf("%d blobs are left, %d begun, %d parts; want %d", len(s.whole), len(s.begun), len(s.parts), 3*c.left)
			}
			if c.left == 0 {
				return
			}
			runs, used := s.submitted[len(s.submitted)-1], map[string]bool{}
			for i, name := range []string{"b-lib", "a-lib", "c_lib"} {
				key := runs[i]
				if !strings.HasPrefix(key, "dep-"+name+sub.Fingerprint.KeyMark()) || !bytes.Equal(s.whole[key], content[strings.Replace(name, "_", "+", 1)]) {
					t.Errorf("%s has %d bytes", key, len(s.whole[key]))
				}
			}
			for i, keys := range s.submitted {
				if used[keys[0]] && i > 0 && !slices.Equal(keys, s.submitted[i-1]) {
					t.Errorf("keys are used again: %s", keys)
				}
				used[keys[0]] = true
			}
		})
	}
}

// A leader that lacks a dependency gets it again, under a new key; one that has all of them
// gets none.
func TestDependenciesOnAnotherLeader(t *testing.T) {
	s, sub := startBlobs(t), submission()
	for _, name := range []string{"a.jar", "b.jar"} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		sub.Dependencies = append(sub.Dependencies, file)
	}
	h, _ := handingOver(t, s.fakeStorm, sub, 10)
	for round, missing := range []int{-1, -1, 1} {
		if missing >= 0 {
			delete(s.whole, h.dependencies.keys.Now[missing])
		}
		before := slices.Clone(h.dependencies.keys.Now)
		s.story = nil
		if _, err := h.depend(t.Context()); err != nil {
			t.Fatal(err)
		}
		uploaded := slices.Contains(s.story, "blob")
		if uploaded != (round == 0 || missing >= 0) || round == 1 && !slices.Equal(before, h.dependencies.keys.Now) || missing >= 0 && (before[1] == h.dependencies.keys.Now[1] || before[0] != h.dependencies.keys.Now[0]) {
			t.Errorf("round %d: %s, keys %s, before %s", round, s.story, h.dependencies.keys.Now, before)
		}
		if got := keysIn(t, h.offer.Topology); !slices.Equal(got, h.dependencies.keys.Now) {
			t.Errorf("the offer names %s", got)
		}
	}
}

// What main's own client has uploaded stays named, and nothing else of the struct changes.
func TestWithDependencies(t *testing.T) {
	topology := recordedCall(t, "wordcount").Topology
	one, err := withDependencies(topology, []string{"main's own.jar"})
	if err != nil {
		t.Fatal(err)
	}
	both, err := withDependencies(one, []string{"dep-a.jar", "dep-b.jar"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"main's own.jar", "dep-a.jar", "dep-b.jar"}, keysIn(t, both)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	others := func(topology []byte) (all []string) {
		for _, f := range (&cursor{frame: topology}).fields(0) {
			if f.id != 5 {
				all = append(all, fmt.Sprintf("%d %x", f.id, f.raw))
			}
		}
		return all
	}
	if diff := cmp.Diff(others(topology), others(both)); diff != "" || len(others(topology)) < 3 {
		t.Errorf("(-before +after):\n%s", diff)
	}
	if same, err := withDependencies(topology, nil); err != nil || !bytes.Equal(same, topology) {
		t.Errorf("without dependencies the bytes change: %v", err)
	}
	if _, err := withDependencies(topology[:len(topology)/2], []string{"x"}); err == nil {
		t.Error("half a struct was read")
	}
}

// A deletion deletes what has the mark of the StormTopology, and nothing else.
func TestForget(t *testing.T) {
	mine, again := submission().Fingerprint, submission().Fingerprint
	again.UID += "2"
	other := mine
	other.Owner = "apps/wordcount-2"
	pages := [][]string{
		{mine.DependencyKey("a.jar", "1"), other.DependencyKey("a.jar", "1"), "wordcount-1-1000-stormjar.jar"},
		{again.DependencyKey("a.jar", "1"), "geo.db", mine.DependencyKey("b.jar", "2"), "x" + mine.KeyMark()},
		{},
	}
	fake, deleted := startFake(t), []string{}
	fake.does("listBlobs", func(args *cursor, method string, seq int32) []byte {
		page, _ := strconv.Atoi(firstString(args.fields(0)))
		return reply(method, seq, func(w *writer) {
			w.field(typeStruct, 0).field(typeList, 1)
			w.bytes = append(w.bytes, typeString)
			w.i32(int32(len(pages[page])))
			for _, key := range pages[page] {
				w.string(key)
			}
			w.field(typeString, 2).string(strconv.Itoa(page + 1))
			w.stop()
		})
	})
	fake.does("deleteBlob", func(args *cursor, method string, seq int32) []byte {
		deleted = append(deleted, firstString(args.fields(0)))
		return void(nil, method, seq)
	})
	c := client(t, fake)
	if said := c.Act(t.Context(), storm.Call{Verb: storm.Forget, Mark: mine.KeyMark()}, nil); said.Problem != "" {
		t.Error(said.Problem)
	}
	if diff := cmp.Diff([]string{pages[0][0], pages[1][2]}, deleted); diff != "" {
		t.Errorf("(-want +deleted):\n%s", diff)
	}
	if said := c.Act(t.Context(), storm.Call{Verb: storm.Forget}, nil); said.Problem == "" || len(deleted) != 2 {
		t.Errorf("without a mark: %q, deleted %s", said.Problem, deleted)
	}
}
