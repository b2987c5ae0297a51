package nimbus

import (
	"slices"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// effect is what a call that is passed on does in Storm.
type effect int

const (
	reads   effect = iota + 1 // nothing
	creates                   // begins a new blob: Nimbus refuses a key that exists
	updates                   // begins a new version of a blob, which finishes replaces
	finishes
	cancels
	changes // changes or deletes a blob
)

// passedOn are the calls that the real Nimbus answers, at once: a main must be able to
// upload what its topology needs, and to read it. Storm's client makes
// createStateInZookeeper at the end of each blob that it creates (NimbusBlobStore.java,
// v2.8.1). Methods of a newer Storm are refused, since nothing here knows what they do.
var passedOn = map[string]effect{
	"getNimbusConf": reads, "getBlobMeta": reads, "isRemoteBlobExists": reads, "getBlobReplication": reads,
	"listBlobs": reads, "beginBlobDownload": reads, "downloadBlobChunk": reads,
	"uploadBlobChunk": reads, "createStateInZookeeper": reads, // of a blob that another call has begun
	"beginCreateBlob": creates, "beginUpdateBlob": updates, "finishBlobUpload": finishes, "cancelBlobUpload": cancels,
	"setBlobMeta": changes, "deleteBlob": changes, "updateBlobReplication": changes,
}

// maxBlobs limits the keys and sessions that are kept.
const maxBlobs = 1000

// blobs are what main did to blobs.
type blobs struct {
	created  map[string]bool   // keys
	updating map[string]string // keys by session
	changed  []string          // keys of blobs that main did not create
}

// note keeps what a call did. args are its arguments, answer is Nimbus's whole frame.
func (b *blobs) note(does effect, args *cursor, answer []byte) {
	result, accepted := resultOf(answer)
	if does == reads || !accepted || len(b.created)+len(b.updating)+len(b.changed) >= maxBlobs {
		return
	}
	word := firstString(args.fields(0)) // the key, or the session
	switch does {
	case creates:
		b.created[word] = true
	case updates:
		b.updating[result] = word
	case cancels:
		delete(b.updating, word)
	case finishes:
		if key, updated := b.updating[word]; updated {
			b.change(key)
		}
	case changes:
		b.change(word)
	}
}

func (b *blobs) change(key string) {
	if !b.created[key] && !slices.Contains(b.changed, key) {
		b.changed = append(b.changed, key)
	}
}

// resultOf is the string that a frame answers, empty for another result. accepted is
// false for an exception.
func resultOf(frame []byte) (result string, accepted bool) {
	fields, is := replyFields(frame)
	if !is || slices.ContainsFunc(fields, func(f field) bool { return f.id != 0 }) {
		return "", false
	}
	for _, f := range fields {
		if f.kind == typeString {
			return (&cursor{frame: f.raw}).string(), true
		}
	}
	return "", true
}

func firstString(fields []field) string {
	for _, f := range fields {
		if f.id == 1 && f.kind == typeString {
			return (&cursor{frame: f.raw}).string()
		}
	}
	return ""
}

// ChangedBlobs are the keys of the blobs that main changed or deleted in Storm, without
// those that it created itself. At most 8, as they can be shown.
func (r *Recorder) ChangedBlobs() (keys []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range r.blobs.changed[:min(len(r.blobs.changed), 8)] {
		keys = append(keys, text.Cut(text.Clean(key), 80))
	}
	return keys
}
