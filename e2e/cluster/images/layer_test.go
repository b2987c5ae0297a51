package images

import (
	"fmt"
	"io"
	"os"
	"testing"
	"time"
)

func TestALayerIsMadeOnceForItsRecipe(t *testing.T) {
	t.Setenv("STORMHOOKS_CACHE", t.TempDir())
	made := 0
	write := func(w io.Writer) error { made++; _, err := io.WriteString(w, "content"); return err }
	first, err := makeLayer("story", "recipe", write)
	if err != nil {
		t.Fatal(err)
	}
	again, err := makeLayer("story", "recipe", write)
	if err != nil || made != 1 || first != again {
		t.Errorf("the same recipe: made %d times, %v and %v (%v)", made, first, again, err)
	}
	if _, err := makeLayer("story", "another recipe", write); err != nil || made != 2 {
		t.Errorf("another recipe: made %d times (%v)", made, err)
	}
	_, err = makeLayer("story", "a failing one", func(io.Writer) error { return fmt.Errorf("no") })
	if err == nil {
		t.Error("half a layer must not be kept")
	}
	if files, _ := os.ReadDir(BlobFolder() + "/sha256"); len(files) != 1 {
		t.Errorf("equal content is one blob, got %d", len(files))
	}
}

func TestPruneKeepsWhatWasUsedLast(t *testing.T) {
	t.Setenv("STORMHOOKS_CACHE", t.TempDir())
	var oldest layer
	for i := range kept + 1 {
		made, err := makeLayer("stormhooks", fmt.Sprint(i), func(w io.Writer) error { _, err := fmt.Fprint(w, i); return err })
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			oldest = made
		}
		time.Sleep(2 * time.Millisecond) // the order of use is the files' times
	}
	if _, err := makeLayer("stormhooks", "0", nil); err != nil { // used again
		t.Fatal(err)
	}
	if err := Prune(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(blobPath(oldest.hash.Hex)); err != nil {
		t.Errorf("the oldest was used last, and is gone: %v", err)
	}
	if files, _ := os.ReadDir(BlobFolder() + "/sha256"); len(files) != kept {
		t.Errorf("want %d blobs to stay, got %d", kept, len(files))
	}
}
