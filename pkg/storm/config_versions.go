package storm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	textutil "github.com/stormhooks/stormhooks/pkg/internal/text" // text is a rule here
)

// span are the versions of Storm that declare a setting: from since on, and before until.
// Empty is without an end.
type span struct{ since, until string }

// spans are those of the settings that not every Storm declares, from 2.0.0 on (make storms
// compares them with each version). Storm passes a setting that it does not declare to the
// topology unchanged.
var spans = map[string]span{
	"storm.exhibitor.poll.millis":                            {until: "2.6.0"},
	"storm.exhibitor.poll.uripath":                           {until: "2.6.0"},
	"storm.exhibitor.port":                                   {until: "2.6.0"},
	"storm.exhibitor.retry.interval":                         {until: "2.6.0"},
	"storm.exhibitor.retry.intervalceiling.millis":           {until: "2.6.0"},
	"storm.exhibitor.retry.times":                            {until: "2.6.0"},
	"storm.exhibitor.servers":                                {until: "2.6.0"},
	"storm.blobstore.dependency.jar.upload.chunk.size.bytes": {since: "2.1.0"},
	"storm.hdfs.login.keytab":                                {since: "2.2.0"},
	"storm.hdfs.login.principal":                             {since: "2.2.0"},
	"topology.enable.v2.metrics.tick":                        {since: "2.2.0"},
	"topology.ras.one.component.per.worker":                  {since: "2.2.0"},
	"topology.ras.one.executor.per.worker":                   {since: "2.2.0"},
	"topology.ras.order.executors.by.proximity.needs":        {since: "2.2.0"},
	"topology.worker.timeout.secs":                           {since: "2.2.0"},
	"worker.max.timeout.secs":                                {since: "2.2.0"},
	"topology.metrics.reporters":                             {since: "2.3.0"},
	"topology.oci.image":                                     {since: "2.3.0"},
	"topology.ras.acker.executors.per.worker":                {since: "2.3.0"},
	"topology.v2.metrics.tick.interval.seconds":              {since: "2.3.0"},
	"storm.topology.metrics.system.reporters":                {since: "2.4.0"},
	"topology.enable.send.iconnection.metrics":               {since: "2.4.0"},
	"storm.messaging.netty.flush_timeout_ms":                 {since: "2.6.3"},
	"nimbus.thrift.client.use.tls":                           {since: "2.6.4"},
	"nimbus.thrift.tls.client.auth.required":                 {since: "2.6.4"},
	"nimbus.thrift.tls.client.cert.path":                     {since: "2.6.4"},
	"nimbus.thrift.tls.client.key.path":                      {since: "2.6.4"},
	"nimbus.thrift.tls.client.keystore.password":             {since: "2.6.4"},
	"nimbus.thrift.tls.client.keystore.path":                 {since: "2.6.4"},
	"nimbus.thrift.tls.client.truststore.password":           {since: "2.6.4"},
	"nimbus.thrift.tls.client.truststore.path":               {since: "2.6.4"},
	"nimbus.thrift.tls.max_buffer_size":                      {since: "2.6.4"},
	"nimbus.thrift.tls.port":                                 {since: "2.6.4"},
	"nimbus.thrift.tls.server.keystore.password":             {since: "2.6.4"},
	"nimbus.thrift.tls.server.keystore.path":                 {since: "2.6.4"},
	"nimbus.thrift.tls.server.only":                          {since: "2.6.4"},
	"nimbus.thrift.tls.server.truststore.password":           {since: "2.6.4"},
	"nimbus.thrift.tls.server.truststore.path":               {since: "2.6.4"},
	"nimbus.thrift.tls.threads":                              {since: "2.6.4"},
	"nimbus.thrift.tls.transport":                            {since: "2.6.4"},
	"storm.messaging.netty.tls.ciphers":                      {since: "2.6.4"},
	"storm.messaging.netty.tls.client.keystore.password":     {since: "2.6.4"},
	"storm.messaging.netty.tls.client.keystore.path":         {since: "2.6.4"},
	"storm.messaging.netty.tls.client.truststore.password":   {since: "2.6.4"},
	"storm.messaging.netty.tls.client.truststore.path":       {since: "2.6.4"},
	"storm.messaging.netty.tls.enable":                       {since: "2.6.4"},
	"storm.messaging.netty.tls.keystore.password":            {since: "2.6.4"},
	"storm.messaging.netty.tls.keystore.path":                {since: "2.6.4"},
	"storm.messaging.netty.tls.require.open.ssl":             {since: "2.6.4"},
	"storm.messaging.netty.tls.ssl.protocols":                {since: "2.6.4"},
	"storm.messaging.netty.tls.truststore.password":          {since: "2.6.4"},
	"storm.messaging.netty.tls.truststore.path":              {since: "2.6.4"},
	"storm.thrift.tls.socket.timeout.ms":                     {since: "2.6.4"},
	"supervisor.thrift.client.use.tls":                       {since: "2.6.4"},
	"supervisor.thrift.tls.client.auth.required":             {since: "2.6.4"},
	"supervisor.thrift.tls.client.cert.path":                 {since: "2.6.4"},
	"supervisor.thrift.tls.client.key.path":                  {since: "2.6.4"},
	"supervisor.thrift.tls.client.keystore.password":         {since: "2.6.4"},
	"supervisor.thrift.tls.client.keystore.path":             {since: "2.6.4"},
	"supervisor.thrift.tls.client.truststore.password":       {since: "2.6.4"},
	"supervisor.thrift.tls.client.truststore.path":           {since: "2.6.4"},
	"supervisor.thrift.tls.server.keystore.password":         {since: "2.6.4"},
	"supervisor.thrift.tls.server.keystore.path":             {since: "2.6.4"},
	"supervisor.thrift.tls.server.truststore.password":       {since: "2.6.4"},
	"supervisor.thrift.tls.server.truststore.path":           {since: "2.6.4"},
	"topology.worker.nimbus.thrift.client.use.tls":           {since: "2.6.4"},
	"storm.zookeeper.ssl.enable":                             {since: "2.7.0"},
	"storm.zookeeper.ssl.hostnameVerification":               {since: "2.7.0"},
	"storm.zookeeper.ssl.keystore.password":                  {since: "2.7.0"},
	"storm.zookeeper.ssl.keystore.path":                      {since: "2.7.0"},
	"storm.zookeeper.ssl.truststore.password":                {since: "2.7.0"},
	"storm.zookeeper.ssl.truststore.path":                    {since: "2.7.0"},
	"topology.eventlogger.max.retained.files":                {since: "2.8.5"},
	"topology.eventlogger.rotation.size.mb":                  {since: "2.8.5"},
	"storm.compression.gzip.max.decompressed.bytes":          {since: "3.0.0"},
	"storm.compression.zstd.level":                           {since: "3.0.0"},
	"storm.compression.zstd.max.decompressed.bytes":          {since: "3.0.0"},
	"topology.producer.batch.dynamic":                        {since: "3.0.0"},
	"topology.stats.ewma.enable":                             {since: "3.0.0"},
	"topology.stats.ewma.smoothing.factor":                   {since: "3.0.0"},
	"topology.tuple.compression.enable":                      {since: "3.0.0"},
	"topology.tuple.compression.max.decompressed.bytes":      {since: "3.0.0"},
	"topology.tuple.compression.threshold":                   {since: "3.0.0"},
	"topology.upstream.feedback.enable":                      {since: "3.0.0"},
	"topology.upstream.feedback.freq.secs":                   {since: "3.0.0"},
}

// newest is the highest version of Storm whose settings are known.
const newest = "3.0.0"

// Newest are the newest versions of Storm whose settings are known, for a person.
const Newest = "2.8 or 3.0"

// Declares says whether a version of Storm declares a setting. A version that is empty, or
// cannot be read, is the newest.
func Declares(key, version string) bool {
	if _, known := declared[key]; !known {
		return false
	}
	of, limited := spans[key]
	if !limited {
		return true
	}
	at := numbersOf(known(version))
	return !before(at, of.since) && (of.until == "" || before(at, of.until))
}

// Undeclared are the settings that other versions of Storm declare and this one does not,
// sorted.
func Undeclared(config map[string]any, version string) (keys []string) {
	for key := range config {
		if _, is := declared[key]; is && !Declares(key, version) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// UndeclaredRemark says that a version of Storm ignores settings that stand in a field;
// empty if there are none.
func UndeclaredRemark(field string, keys []string, version string) string {
	if len(keys) == 0 {
		return ""
	}
	at := numbersOf(known(version))
	first := fmt.Sprintf("%s[%q]", field, textutil.Cut(keys[0], 63))
	switch of := spans[keys[0]]; {
	case len(keys) > 1:
		return fmt.Sprintf("%s and %d more are settings of other versions of Storm. This one ignores them.", first, len(keys)-1)
	case before(at, of.since):
		return fmt.Sprintf("%s is a setting of Storm %s and newer. Storm %s ignores it.", first, of.since, joined(at))
	default:
		return fmt.Sprintf("%s is a setting of Storm before %s. Newer ones ignore it.", first, of.until)
	}
}

// KnownAs is the version of a Storm, for a sentence about settings that no Storm is known to
// have: its own, or the newest that are known if it is newer, empty or unreadable.
func KnownAs(version string) string {
	if at := numbersOf(version); before(at, newest) && len(at) > 0 {
		return joined(at)
	}
	return Newest
}

// joined is a version from its numbers: Nimbus chooses what comes after them.
func joined(version []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(version), " ", "."), "[]")
}

// known is the version itself; the newest if it is empty or cannot be read.
func known(version string) string {
	if len(numbersOf(version)) == 0 {
		return newest
	}
	return version
}

// before says whether a version, as numbers, is before another one; nothing is before an
// empty one.
func before(version []int, other string) bool {
	return other != "" && slices.Compare(version, numbersOf(other)) < 0
}

// numbersOf are the numbers of a version, up to what is not a number.
func numbersOf(version string) (numbers []int) {
	release, _, _ := strings.Cut(version, "-")
	for _, part := range strings.Split(release, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		numbers = append(numbers, n)
	}
	return numbers
}
