package main

import (
	"archive/zip"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
)

const mainClass = "com.example.Main"

// jarFigure races the extraction of a JAR, with its checks, against what a
// person would run.
func jarFigure(rounds int) (figures.Table, error) {
	table := figures.Table{
		Title: "JAR: check and copy",
		About: "`stormhooks jar extract` reads the JAR once, writes the copy through to the disk, and checks the copy: sha256, every entry with its checksum, the main class. " +
			"By hand it is `cp`, `sync`, `sha256sum`, `unzip -tq`. Memory is the most that one process held; less than what the bench itself holds when it starts one, some 15 MB, cannot be seen. Goals: not slower than by hand, at most 32 MiB.",
		Head: []string{"JAR", "what", "time", "CPU", "× by hand", "memory", "goal"},
	}
	return table, temporary(func(folder string) error {
		ours, err := build(folder, "stormhooks", "./hooks/stormhooks")
		if err != nil {
			return err
		}
		for _, size := range []int64{107e6, 1e9} {
			jar := filepath.Join(folder, "a.jar")
			if err := makeJar(jar, size); err != nil {
				return err
			}
			if size >= 1e9 {
				rounds = min(rounds, 5)
			}
			if err := jarRows(&table, rounds, ours, jar, size); err != nil {
				return err
			}
		}
		return nil
	})
}

func jarRows(table *figures.Table, rounds int, ours, jar string, size int64) error {
	folder := filepath.Dir(jar)
	to, words := filepath.Join(folder, "volume", "0123456789ab.jar"), filepath.Join(folder, "words")
	clear := func() error {
		if err := os.RemoveAll(filepath.Dir(to)); err != nil {
			return err
		}
		if err := os.Mkdir(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(words, nil, 0o644)
	}
	shell := func(script string) []string { return []string{"sh", "-c", script, "sh", jar, to} }
	cp := &program{name: "`cp`", argv: shell(`exec cp "$1" "$2"`), before: clear}
	hand := &program{name: "by hand", argv: shell(`cp "$1" "$2" && sync "$2" && sha256sum "$2" && unzip -tq "$2"`), before: clear}
	extract := &program{name: "`stormhooks jar extract`", before: clear, argv: []string{ours, "jar", "extract", "--from", jar, "--to", to,
		"--main-class", mainClass, "--termination-log", words}}
	if err := race(rounds, cp, hand, extract); err != nil {
		return err
	}
	name := figures.Size(size)
	for _, p := range []*program{cp, hand, extract} {
		ratio, goal := figures.Ratio(p.wall, hand.wall), ""
		if p == extract {
			goal = figures.Goal("≤ 1 by hand", ratio <= 1) + ", " + figures.Goal("≤ 32 MiB", figures.Median(p.memory) <= 32<<20)
		}
		table.Row(name, p.name, figures.Median(p.wall), figures.Median(p.cpu), ratio, p.peak(), goal)
		name = ""
	}
	return nil
}

// makeJar makes a JAR of about a size, of classes of 20 KB that pack to half, as
// compiled ones do.
func makeJar(file string, size int64) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	dice := rand.New(rand.NewPCG(1, 2))
	pack := zip.NewWriter(out)
	class := make([]byte, 20_000)
	for number, packed := 0, int64(0); packed < size; number++ {
		name := fmt.Sprintf("com/example/p%d/Class%d.class", number/100, number)
		if number == 0 {
			name = "com/example/Main.class"
		}
		entry, err := pack.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Unix(1.6e9, 0)})
		if err != nil {
			return err
		}
		for i := range class {
			class[i] = byte(dice.Uint32())
			if i%2 == 1 {
				class[i] = 'a'
			}
		}
		if _, err := entry.Write(class); err != nil {
			return err
		}
		if err := pack.Flush(); err != nil {
			return err
		}
		if packed, err = out.Seek(0, 1); err != nil {
			return err
		}
	}
	return pack.Close()
}
