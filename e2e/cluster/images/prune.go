package images

import (
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// kept is how many layers of one name stay in the cache: each change of our
// sources makes another, and so would fill the disk.
const kept = 60

// Prune removes the layers that have not been used for longest. A layer that is
// needed after all is made again.
func Prune() error {
	files, err := filepath.Glob(place.In("layers", "*"))
	if err != nil {
		return err
	}
	byName := map[string][]string{}
	used := map[string]int{} // a blob may be the layer of several recipes
	for _, file := range files {
		name := file[:strings.LastIndexByte(file, '-')]
		byName[name] = append(byName[name], file)
		used[digestIn(file)]++
	}
	for _, of := range byName {
		sort.Slice(of, func(i, j int) bool { return lastUse(of[i]) > lastUse(of[j]) })
		for _, file := range of[min(kept, len(of)):] {
			digest := digestIn(file)
			if err := os.Remove(file); err != nil {
				return err
			}
			if used[digest]--; used[digest] == 0 && digest != "" {
				if err := os.Remove(blobPath(digest)); err != nil && !os.IsNotExist(err) {
					return err
				}
			}
		}
	}
	return nil
}

func digestIn(index string) string {
	text, _ := os.ReadFile(index)
	return strings.TrimSpace(string(text))
}

func lastUse(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return info.ModTime().UnixNano()
}
