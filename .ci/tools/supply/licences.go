package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
)

// texts recognise a licence by words that only it contains. The first match counts.
var texts = []struct {
	id    string
	words []string
}{
	{"MIT AND Apache-2.0", []string{"Permission is hereby granted, free of charge", "Apache License, Version 2.0"}},
	{"Apache-2.0", []string{"Apache License", "Version 2.0"}},
	{"MIT", []string{"Permission is hereby granted, free of charge"}},
	{"BSD-3-Clause", []string{"Redistribution and use in source and binary forms", "name of"}},
	{"BSD-2-Clause", []string{"Redistribution and use in source and binary forms"}},
	{"ISC", []string{"Permission to use, copy, modify, and/or distribute this software"}},
	{"MPL-2.0", []string{"Mozilla Public License Version 2.0"}},
}

// licenceOf reads a module's licence in the module cache.
func licenceOf(module *debug.Module) (id, file string, err error) {
	if module.Replace != nil && strings.HasPrefix(module.Replace.Path, ".") { // a folder: a module of this repository
		return "Apache-2.0", "LICENSE", nil
	}
	folder := filepath.Join(cache(), escape(module.Path)+"@"+escape(module.Version))
	for _, name := range []string{"LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING", "License"} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			continue
		}
		text := strings.Join(strings.Fields(string(content)), " ")
		for _, known := range texts {
			if hasAll(text, known.words) {
				return known.id, name, nil
			}
		}
		return "", "", fmt.Errorf("%s of %s is an unknown licence. Read it, and add it to texts", name, module.Path)
	}
	return "", "", fmt.Errorf("%s has no licence file in %s. Run go mod download", module.Path, folder)
}

func hasAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

var cache = sync.OnceValue(func() string {
	out, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
})

// escape writes capital letters as the module cache does.
func escape(path string) string {
	var out strings.Builder
	for _, r := range path {
		if 'A' <= r && r <= 'Z' {
			out.WriteByte('!')
			r += 'a' - 'A'
		}
		out.WriteRune(r)
	}
	return out.String()
}

func licences(info *debug.BuildInfo, out io.Writer) error {
	fmt.Fprint(out, `# Licences

Stormhooks is under the Apache License 2.0. Its program holds these modules, and Go's own library (BSD-3-Clause). This page is made by `+"`make sbom`"+` from what the linker wrote into the program.

| module | version | licence |
|---|---|---|
`)
	for _, module := range info.Deps {
		id, _, err := licenceOf(module)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "| %s | %s | %s |\n", module.Path, module.Version, id)
	}
	return nil
}
