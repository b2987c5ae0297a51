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
			"The image is the binary in an empty one. Less memory than the bench itself holds when it starts a program, some 15 MB, cannot be seen. Goals: at most 3 × the empty program, at most 25 MB.",
		Head: []string{"what", "time", "CPU", "× empty", "memory", "bytes", "goal"},
		After: "Where the time goes: before main, packages set up 3 ms of variables (GODEBUG=inittrace=1, the tracing included). 0.25 ms of it are the patterns that find out what is wrong with a pod, " +
			"0.8 ms Prometheus' client and protobuf, 0.3 ms Kubernetes' types; the rest is spread over a hundred packages. The kernel gives the process 830 pages one by one, and the empty program 170. " +
			"To reach 3 × takes a second binary for pods, without the hook's packages: one more thing to build, ship and keep alike, for 3 ms of a pod that takes seconds to start.",
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
