package main

// version is set by the linker: see build in the Makefile.
var version = "unknown"
