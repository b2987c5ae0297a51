package nimbus

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// The dependencies of a topology are blobs that its struct names: workers have them on
// their class path (dependency_jars of StormTopology in storm.thrift, v2.8.1). `storm jar
// --jars` makes Storm's client upload them before it submits. Here main is recorded without
// them, and the handover uploads them, as it does the JAR: so nothing of a main that fails
// is in Storm, and a main with a client of its own has them too.

// dependencies are those of a handover.
type dependencies struct {
	files []string

	mu   sync.Mutex
	keys storm.DependencyKeys
	// there are the keys that a leader has had.
	there map[string]bool
}

func dependenciesOf(sub storm.Submission) *dependencies {
	d := &dependencies{files: sub.Dependencies, there: map[string]bool{}}
	for i := range d.files {
		d.keys.Now = append(d.keys.Now, d.key(sub.Fingerprint, i))
	}
	return d
}

func (d *dependencies) key(owner storm.Fingerprint, i int) string {
	return owner.DependencyKey(filepath.Base(d.files[i]), randomHex())
}

// depend uploads the dependencies that the leader lacks, and makes the offer name them.
func (h *handover) depend(ctx context.Context) (storm.Upload, error) {
	d := h.dependencies
	d.keys = d.keys.Renewed(h.seen, func(i int) string { return d.key(h.sub.Fingerprint, i) })
	defer func() { h.offer.Topology, _ = withDependencies(h.recorded, d.keys.Now) }() // it was written before
	d.keys.Orphans = h.deleted(ctx, d.keys.Orphans)                                   // before others fill the disk
	leader, err := h.client.Leader(ctx)
	if err != nil {
		return storm.Upload{}, err
	}
	started := time.Now()
	sent, err := h.dependOnAll(ctx)
	if err == nil {
		h.log("Uploaded %d dependencies to %s: %d bytes in %.1f s", len(d.files), leader.At(), sent, time.Since(started).Seconds())
	}
	return storm.Upload{Leader: leader}, err
}

// dependOnAll uploads all dependencies, some at once: each costs Nimbus several writes to
// ZooKeeper, whatever its size. After an error no more are begun.
func (h *handover) dependOnAll(ctx context.Context) (sent int64, err error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := range h.dependencies.files {
		slots <- struct{}{}
		mu.Lock()
		failed := err != nil
		mu.Unlock()
		if failed {
			break
		}
		all.Go(func() {
			defer func() { <-slots }()
			size, failed := h.dependOn(ctx, i)
			mu.Lock()
			defer mu.Unlock()
			sent += size
			if err == nil {
				err = failed
			}
		})
	}
	all.Wait()
	return sent, err
}

// dependOn uploads one dependency, unless the leader has it. A key whose upload has failed
// is not used again: Nimbus keeps a part of it, and refuses the key.
func (h *handover) dependOn(ctx context.Context, i int) (int64, error) {
	d := h.dependencies
	if key, there := d.try(i); there {
		if has, err := h.client.HasBlob(ctx, key); has || err != nil {
			return 0, err
		}
		d.orphan(i, h.sub.Fingerprint)
	}
	file, err := os.Open(d.files[i])
	if err != nil {
		return 0, fmt.Errorf("dependency %s cannot be read: %w. Check the volume", filepath.Base(d.files[i]), err)
	}
	defer func() { _ = file.Close() }()
	key, _ := d.try(i)
	if err := h.client.CreateBlob(ctx, key, file); err != nil {
		d.orphan(i, h.sub.Fingerprint)
		return 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return 0, nil
	}
	return info.Size(), nil
}

// try is the key of a dependency, and whether it was tried before.
func (d *dependencies) try(i int) (key string, before bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key = d.keys.Now[i]
	before = d.there[key]
	d.there[key] = true
	return key, before
}

// orphan gives a dependency another key.
func (d *dependencies) orphan(i int, owner storm.Fingerprint) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keys.Orphans = append(d.keys.Orphans, d.keys.Now[i])
	d.keys.Now[i] = d.key(owner, i)
}

// forget deletes the blobs that certainly belong to no topology, at the end of a handover.
func (h *handover) forget(ctx context.Context) {
	if left := h.deleted(ctx, h.dependencies.keys.Unused(h.seen)); len(left) > 0 {
		h.log("%d dependencies that no topology uses stay in Storm's blob store", len(left))
	}
}

// deleted deletes blobs that were uploaded here, and returns those that stay. A Nimbus that
// does not answer is not asked again.
func (h *handover) deleted(ctx context.Context, keys []string) (left []string) {
	silent, count := false, 0
	for _, key := range keys {
		if !h.dependencies.there[key] {
			continue
		}
		err := error(nil)
		if !silent {
			err = h.client.DeleteBlob(ctx, key)
			silent = as[*UnreachableError](err)
		}
		if err != nil || silent {
			left = append(left, key)
			continue
		}
		delete(h.dependencies.there, key)
		count++
	}
	if count > 0 {
		h.log("Deleted %d dependencies that no topology uses", count)
	}
	return left
}

// withDependencies is a struct StormTopology whose field 5, dependency_jars, names also
// these keys.
func withDependencies(topology []byte, keys []string) ([]byte, error) {
	if len(keys) == 0 {
		return topology, nil
	}
	c, w := &cursor{frame: topology}, &writer{}
	var named []string
	for _, f := range c.fields(0) {
		if f.id != 5 || f.kind != typeList {
			w.raw(f.all)
			continue
		}
		list := &cursor{frame: f.raw}
		if kind, count := list.byte(), list.i32(); kind == typeString {
			for ; count > 0 && list.err == nil; count-- {
				named = append(named, list.string())
			}
		}
	}
	if c.err != nil {
		return nil, fmt.Errorf("the topology that main submitted cannot be read: %w", c.err)
	}
	w.field(typeList, 5)
	w.bytes = append(w.bytes, typeString)
	w.i32(int32(len(named) + len(keys)))
	for _, key := range append(named, keys...) {
		w.string(key)
	}
	w.stop()
	return w.bytes, nil
}
