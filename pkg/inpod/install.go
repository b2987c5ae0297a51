package inpod

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// binaryName is the name of the installed binary.
const binaryName = "stormhooks"

// Install copies the running binary into a folder that other containers of the pod
// mount, so their images need neither a shell nor a tool.
func Install(to string, log io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding the running binary: %w", err)
	}
	source, err := os.Open(self)
	if err != nil {
		return fmt.Errorf("opening the running binary: %w", err)
	}
	defer func() { _ = source.Close() }()
	path := filepath.Join(to, binaryName)
	copied, err := installFile(source, path)
	if err != nil {
		return fmt.Errorf("installing the binary: %w", err)
	}
	_, err = fmt.Fprintf(log, "Installed %s (%s).\n", path, readableSize(copied))
	return err
}

// installFile writes beside path and renames, since a container that runs again
// must not write into a running binary.
func installFile(source io.Reader, path string) (int64, error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+binaryName+".*"+ownSuffix)
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.Remove(file.Name()) }() // after the rename this name is free
	copied, err := io.Copy(file, source)
	if err == nil {
		err = file.Chmod(0o755)
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	return copied, err
}
