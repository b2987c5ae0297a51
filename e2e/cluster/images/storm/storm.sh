#!/bin/sh
# Stands where Storm's own launcher (bin/storm, Python, not on Maven Central) stands, for a person in a pod:
#   storm list | storm kill NAME -w 1 | storm activate NAME | storm deactivate NAME | storm jar JAR MAIN ARGS…
# STORM_OPTIONS is the value of -Dstorm.options (see Storm's Utils.readCommandLineOpts).
set -eu
home=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
conf=${STORM_CONF_DIR:-$home/conf}
run() {
  exec java -Dstorm.options="${STORM_OPTIONS:-}" -Dstorm.home="$home" -Dstorm.log.dir=/tmp -Dstorm.conf.file= "$@"
}
command=$1
shift
case $command in
  list) run -cp "$home/lib/*:$conf" org.apache.storm.command.ListTopologies "$@" ;;
  kill) run -cp "$home/lib/*:$conf" org.apache.storm.command.KillTopology "$@" ;;
  activate) run -cp "$home/lib/*:$conf" org.apache.storm.command.Activate "$@" ;;
  deactivate) run -cp "$home/lib/*:$conf" org.apache.storm.command.Deactivate "$@" ;;
  jar)
    jar=$1
    shift
    run -Dstorm.jar="$jar" -Dstorm.dependency.jars= -Dstorm.dependency.artifacts='{}' \
      -cp "$home/*:$home/lib-worker/*:$home/extlib/*:$jar:$conf:$home/bin" "$@"
    ;;
  *)
    echo "storm $command is not here: list, kill, activate, deactivate and jar are." >&2
    exit 2
    ;;
esac
