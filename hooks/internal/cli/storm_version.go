package cli

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/pkg/preview"
)

// StormVersion is the flag --storm-version.
type StormVersion string

// Flag adds --storm-version. absent is what is assumed without it.
func (v *StormVersion) Flag(command *cobra.Command, absent string) {
	command.Flags().StringVar((*string)(v), "storm-version", "", "version of the Storm that runs the topologies, such as 2.8.1; "+absent)
}

var stormVersion = regexp.MustCompile(`^([0-9]{1,4})\.[0-9]+(\.[0-9]+)?(-[0-9A-Za-z.-]+)?$`)

// Check refuses what is not a version of Storm, and the versions that Stormhooks refuses.
func (v StormVersion) Check() error {
	if v == "" {
		return nil
	}
	part := stormVersion.FindStringSubmatch(string(v))
	if part == nil {
		return unread(fmt.Errorf("--storm-version is %q, which is not a version. Write it like 2.8.1", preview.Line(string(v))))
	}
	const oldest = 2
	if major, _ := strconv.Atoi(part[1]); major < oldest { // it has digits only
		return unread(fmt.Errorf("--storm-version is %q, and Stormhooks needs Storm 2.0.0 or newer. Upgrade Storm", string(v)))
	}
	return nil
}
