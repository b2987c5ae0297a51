package main

import (
	"os"
	"path/filepath"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
)

const emptyProgram = "package main\n\nfunc main() {}\n"

// startFigure is what the binary weighs, in bytes and in time. The image holds
// the binary and nothing else.
func startFigure(rounds int) (figures.Table, error) {
	table := figures.Table{
		Title: "Start, binary and image",
		About: "From fork to exit of a program that does nothing: `stormhooks version`, which stands for what each pod of a topology begins with, and an empty Go program, both static. " +
			"The image is the binary in an empty one. Goals: at most 3 × the empty program, at most 25 MB.",
		Head: []string{"what", "time", "CPU", "× empty", "memory", "bytes", "goal"},
	}
	return table, temporary(func(folder string) error {
		source := filepath.Join(folder, "empty.go")
		if err := os.WriteFile(source, []byte(emptyProgram), 0o644); err != nil {
			return err
		}
		nothing, err := build(folder, "empty", source)
		if err != nil {
			return err
		}
		ours, err := build(folder, "stormhooks", "./hooks/stormhooks")
		if err != nil {
			return err
		}
		empty := &program{name: "an empty program", argv: []string{nothing}}
		version := &program{name: "`stormhooks version`", argv: []string{ours, "version"}}
		if err := race(10*rounds, empty, version); err != nil {
			return err
		}
		for _, p := range []*program{empty, version} {
			bytes, err := sizeOf(p.argv[0])
			if err != nil {
				return err
			}
			ratio, goal := figures.Ratio(p.wall, empty.wall), ""
			if p == version {
				goal = figures.Goal("≤ 3 × empty", ratio <= 3) + ", " + figures.Goal("≤ 25 MB", bytes <= 25e6)
			}
			table.Row(p.name, figures.Median(p.wall), figures.Median(p.cpu), ratio, p.peak(), figures.Size(bytes), goal)
		}
		return nil
	})
}
