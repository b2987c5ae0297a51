package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The SBOM lists each module of the program once, with a version and a known licence,
// in the same bytes each time.
func TestSupply(t *testing.T) {
	program := filepath.Join(t.TempDir(), "stormhooks")
	if said, err := exec.Command("go", "-C", "../../..", "build", "-o", program, "./hooks/stormhooks").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	var first, second bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &second} {
		if err := run([]string{"sbom", program}, out); err != nil {
			t.Fatal(err)
		}
	}
	if first.String() != second.String() {
		t.Error("the same program has two SBOMs")
	}
	var document struct {
		BomFormat, SpecVersion string
		Components             []struct {
			Name, Version, PURL string
			Licenses            []struct{ Expression string }
		}
	}
	if err := json.Unmarshal(first.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	if document.BomFormat != "CycloneDX" || document.SpecVersion != "1.6" {
		t.Errorf("it is %s %s", document.BomFormat, document.SpecVersion)
	}
	var names []string
	for _, c := range document.Components {
		names = append(names, c.Name)
		if c.Version == "" || !strings.HasPrefix(c.PURL, "pkg:golang/") || len(c.Licenses) != 1 || c.Licenses[0].Expression == "" {
			t.Errorf("incomplete: %+v", c)
		}
	}
	if !slices.Contains(names, "github.com/apache/thrift") || names[0] != "std" || !slices.IsSorted(names[1:]) || len(slices.Compact(names)) != len(document.Components) {
		t.Errorf("components are %v", names)
	}
	var page bytes.Buffer
	if err := run([]string{"licences", program}, &page); err != nil || strings.Count(page.String(), "\n| github.com/apache/thrift | v") != 1 {
		t.Errorf("the licences: %v\n%s", err, page.String())
	}
	if err := run([]string{"licences", os.DevNull}, &page); err == nil {
		t.Error("a file that is not a Go program has licences")
	}
}

func TestLicencesAreToldApart(t *testing.T) {
	for name, words := range map[string]string{
		"Apache-2.0":   "Apache License Version 2.0, January 2004",
		"MIT":          "Permission is hereby granted, free of charge, to any person",
		"BSD-3-Clause": "Redistribution and use in source and binary forms ... Neither the name of the",
		"BSD-2-Clause": "Redistribution and use in source and binary forms, with or without",
		"":             "All rights reserved",
	} {
		got := ""
		for _, known := range texts {
			if hasAll(words, known.words) {
				got = known.id
				break
			}
		}
		if got != name {
			t.Errorf("%q is %q, want %q", words, got, name)
		}
	}
}
