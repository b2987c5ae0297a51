package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

// Versions are those that a bug report needs.
type Versions struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// NewVersion prints the program's version.
func NewVersion(program, version string) *cobra.Command {
	var output Output
	command := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := output.Check(); err != nil {
				return err
			}
			v := Versions{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
			if done, err := output.Write(command.OutOrStdout(), v, []string{version}); done {
				return err
			}
			_, err := fmt.Fprintf(command.OutOrStdout(), "%s %s (%s, %s)\n", program, v.Version, v.Go, v.Platform)
			return err
		},
	}
	command.SetFlagErrorFunc(WrongFlag)
	output.Flag(command)
	return command
}
