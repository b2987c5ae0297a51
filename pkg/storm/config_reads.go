package storm

// read is how Storm reads a setting in the conf of a topology, beyond what it validates
// (declared). Storm validates most types and accepts null for most settings; its readers
// do not.
type read struct {
	// null: every reader takes null for "not set". false: one of them unboxes it, or
	// reads it without a default, or it is a class that is loaded.
	null bool
	// by reads it for every topology. nullBy is who fails at null, if that is another one.
	by, nullBy reader
	// at is the reader that decides, in the sources of v2.8.1: below
	// storm-client/src/jvm and storm-server/src/main/java. Nimbus.java is that of
	// daemon/nimbus, Context.java that of messaging/netty.
	at string
}

// reader is who reads a setting of every topology, and fails if it cannot.
type reader string

const (
	// notAlways: a daemon or a worker reads it only if another setting is there as well, or
	// with a default.
	notAlways reader = ""
	// byNimbus: Nimbus reads it at each submission, and fails without a type. Behind the
	// JAR a dry run does not notice.
	byNimbus reader = "Nimbus"
	// byRAS is byNimbus if its scheduler is the ResourceAwareScheduler.
	byRAS reader = "Nimbus's ResourceAwareScheduler"
	// byWorkers: each worker reads it, and dies.
	byWorkers reader = "Each worker"
	// bySupervisors: each supervisor reads it, and starts no worker.
	bySupervisors reader = "Each supervisor"
)

// reads are the settings of topologies that are read in a way that their validation does
// not show, or that accept null. Null is refused for every declared setting that is not here
// with null, nor in notRead.
var reads = map[string]read{
	// Nimbus, in the order of submitTopologyWithOpts (Nimbus.java:3243).
	"storm.messaging.netty.authentication":         {at: "Nimbus.java:1190 unboxes it", by: byNimbus},
	"topology.worker.nimbus.thrift.client.use.tls": {at: "Nimbus.java:1204 unboxes it", by: byNimbus},
	"topology.worker.timeout.secs":                 {at: "Nimbus.java:1243 getInt", by: byNimbus},
	"worker.max.timeout.secs":                      {at: "Nimbus.java:1244 getInt", by: byNimbus},
	"topology.oci.image":                           {null: true, at: "OciUtils.java:49 casts it to String; no annotation counts, since the field is not final", by: byNimbus},
	"topology.workers":                             {at: "StormCommon.java:265 getInt, null means no worker in Nimbus.java:2742", by: byNimbus},
	"topology.acker.executors":                     {null: true, at: "StormCommon.java:265 getInt with a default", by: byNimbus},
	"topology.message.timeout.secs":                {at: "StormCommon.java:267 getInt", by: byNimbus},
	"topology.eventlogger.executors":               {null: true, at: "StormCommon.java:345 getInt with a default", by: byNimbus},
	"topology.metrics.consumer.register":           {null: true, at: "StormCommon.java:376-397 casts what is in it", by: byNimbus},
	"topology.tasks":                               {null: true, at: "ServerUtils.java:744 getInt with a default", by: byNimbus},
	"topology.max.task.parallelism":                {null: true, at: "ServerUtils.java:745 getInt with a default", by: byNimbus},
	"topology.metrics.reporters":                   {null: true, at: "ConfigValidation.java MetricReportersValidator unboxes filter; null: Nimbus.java:1222, StormMetricRegistry.java:318", by: byNimbus},
	"storm.metrics.reporters":                      {null: true, at: "ConfigValidation.java MetricReportersValidator unboxes filter; null: Nimbus.java:1216", by: byNimbus},
	"storm.topology.metrics.system.reporters":      {null: true, at: "ConfigValidation.java MetricReportersValidator unboxes filter; null: Nimbus.java:1220 reads its own", by: byNimbus},
	// Behind the JAR.
	"topology.min.replication.count":         {at: "Nimbus.java:1966 getInt", by: byNimbus},
	"topology.max.replication.wait.time.sec": {at: "Nimbus.java:1967 getInt", by: byNimbus},
	"storm.cluster.mode":                     {null: true, at: "ConfigUtils.java:92 accepts two words, and null", by: byNimbus},
	"topology.backpressure.enable":           {null: true, at: "Nimbus.java:3388 getBoolean with a default", by: byNimbus},
	"topology.version":                       {at: "Nimbus.java:2738 getString", by: byNimbus},
	// In each round of scheduling, outside any try: Nimbus exits, and again after each start
	// (Nimbus.java:2503 and :585).
	"topology.priority":                                     {at: "TopologyDetails.java:557 getInt; the ResourceAwareScheduler unboxes null (TopologyDetails.java:587)", by: byNimbus, nullBy: byRAS},
	"topology.acker.cpu.pcore.percent":                      {at: "NormalizedResourceRequest.java:100 getDouble", by: byNimbus},
	"topology.acker.resources.offheap.memory.mb":            {at: "NormalizedResourceRequest.java:96 getDouble", by: byNimbus},
	"topology.acker.resources.onheap.memory.mb":             {at: "NormalizedResourceRequest.java:92 getDouble", by: byNimbus},
	"topology.metrics.consumer.cpu.pcore.percent":           {at: "NormalizedResourceRequest.java:113 getDouble", by: byNimbus},
	"topology.metrics.consumer.resources.offheap.memory.mb": {at: "NormalizedResourceRequest.java:109 getDouble", by: byNimbus},
	"topology.metrics.consumer.resources.onheap.memory.mb":  {at: "NormalizedResourceRequest.java:105 getDouble", by: byNimbus},
	// With the ResourceAwareScheduler, in the submission and in each round after it.
	"topology.ras.acker.executors.per.worker":  {at: "Nimbus.java:3424 getInt", by: byRAS},
	"topology.ras.one.executor.per.worker":     {at: "ServerUtils.java:1378, ResourceAwareScheduler.java:172 unbox it", by: byRAS},
	"topology.ras.one.component.per.worker":    {at: "ServerUtils.java:1379, ResourceAwareScheduler.java:173 unbox it", by: byRAS},
	"topology.worker.max.heap.size.mb":         {at: "ServerUtils.java:1351, TopologyDetails.java:555 getDouble with a default; null: ServerUtils.java:1382, SchedulingSearcherState.java:260", by: byNimbus, nullBy: byRAS},
	"topology.ras.constraint.max.state.search": {at: "BaseResourceAwareStrategy.java:249 getInt", by: byRAS},

	// Each supervisor, and each worker.
	"topology.blobstore.map":                      {at: "Container.java:389 casts localname, AsyncLocalizer.java:738", by: bySupervisors},
	"topology.debug":                              {at: "Task.java:89 unboxes it", by: byWorkers},
	"topology.stats.sample.rate":                  {at: "ConfigUtils.java:171 getDouble; above 1 java.util.Random refuses it (evenSampler)", by: byWorkers},
	"topology.enable.message.timeouts":            {at: "Executor.java:509 unboxes it", by: byWorkers},
	"topology.skip.missing.kryo.registrations":    {at: "SerializationFactory.java:93 unboxes it", by: byWorkers},
	"topology.testing.always.try.serialize":       {at: "WorkerState.java:230 unboxes it", by: byWorkers},
	"topology.kryo.factory":                       {at: "SerializationFactory.java:55 loads the class", by: byWorkers},
	"topology.tuple.serializer":                   {at: "SerializationFactory.java:60 loads the class", by: byWorkers},
	"topology.spout.wait.strategy":                {at: "SpoutExecutor.java:73 loads the class", by: byWorkers},
	"topology.bolt.wait.strategy":                 {at: "BoltExecutor.java:72 loads the class", by: byWorkers},
	"topology.backpressure.wait.strategy":         {at: "IWaitStrategy.java:29 loads the class", by: byWorkers},
	"storm.messaging.transport":                   {at: "TransportFactory.java:28 loads the class", by: byWorkers},
	"num.stat.buckets":                            {at: "BoltExecutor.java:78, SpoutExecutor.java:83 getInt", by: byWorkers},
	"topology.executor.receive.buffer.size":       {at: "WorkerState.java:725 getInt", by: byWorkers},
	"topology.producer.batch.size":                {at: "WorkerState.java:726 getInt", by: byWorkers},
	"topology.executor.overflow.limit":            {at: "WorkerState.java:727 getInt", by: byWorkers},
	"topology.transfer.buffer.size":               {at: "WorkerTransfer.java:62 getInt", by: byWorkers},
	"topology.transfer.batch.size":                {at: "WorkerTransfer.java:63 getInt", by: byWorkers},
	"topology.builtin.metrics.bucket.size.secs":   {at: "SystemBolt.java:77 getInt", by: byWorkers},
	"topology.error.throttle.interval.secs":       {at: "ReportError.java:49 getInt", by: byWorkers},
	"topology.max.error.report.per.interval":      {at: "ReportError.java:50 getInt", by: byWorkers},
	"storm.messaging.netty.buffer_size":           {at: "Server.java:87 getInt", by: byWorkers},
	"storm.messaging.netty.server_worker_threads": {at: "Server.java:88 getInt", by: byWorkers},
	"storm.messaging.netty.client_worker_threads": {at: "Context.java:52 getInt", by: byWorkers},
	"storm.messaging.netty.socket.backlog":        {null: true, at: "Server.java:102 getInt with a default", by: byWorkers},
	"topology.max.spout.pending":                  {null: true, at: "SpoutExecutor.java:108 getInt with a default; MasterBatchCoordinator.java:91", by: byWorkers},
	"topology.tick.tuple.freq.secs":               {null: true, at: "Executor.java:507 getInt with a default", by: byWorkers},
	"topology.v2.metrics.tick.interval.seconds":   {null: true, at: "Executor.java:191 getInt with a default", by: byWorkers},
	"topology.enable.v2.metrics.tick":             {null: true, at: "Executor.java:190 getBoolean with a default", by: byWorkers},
	"topology.serialized.message.size.metrics":    {null: true, at: "DeserializingConnectionCallback.java:57 getBoolean with a default", by: byWorkers},

	// Workers with certain components, streams or plug-ins, and schedulers.
	"pacemaker.client.max.threads":                           {at: "PacemakerClient.java:106 casts it to int"},
	"pacemaker.port":                                         {at: "PacemakerClient.java:119 casts it to int"},
	"storm.messaging.netty.buffer.high.watermark":            {at: "Client.java:140 getInt"},
	"storm.messaging.netty.buffer.low.watermark":             {at: "Client.java:139 getInt"},
	"storm.messaging.netty.max_wait_ms":                      {at: "Client.java:147 getInt"},
	"storm.messaging.netty.min_wait_ms":                      {at: "Client.java:146 getInt"},
	"storm.messaging.netty.flush_timeout_ms":                 {null: true, at: "Client.java:169 getLong with a default"},
	"storm.messaging.netty.transfer.batch.size":              {null: true, at: "Client.java:168 getInt with a default"},
	"storm.messaging.netty.tls.enable":                       {null: true, at: "NettyTlsUtils.java:39 getBoolean with a default"},
	"storm.messaging.netty.tls.require.open.ssl":             {null: true, at: "NettyTlsUtils.java:44 getBoolean with a default"},
	"storm.messaging.netty.tls.ssl.protocols":                {null: true, at: "NettyTlsUtils.java:60 getString with a default"},
	"storm.nimbus.retry.times":                               {at: "ThriftClient.java:197 getInt"},
	"storm.nimbus.retry.interval.millis":                     {at: "ThriftClient.java:198 getInt"},
	"storm.nimbus.retry.intervalceiling.millis":              {at: "ThriftClient.java:199 getInt"},
	"storm.thrift.socket.timeout.ms":                         {at: "ThriftConnectionType.java:171 getInt"},
	"client.blobstore.class":                                 {at: "Utils.java:1123 loads the class"},
	"storm.blobstore.dependency.jar.upload.chunk.size.bytes": {null: true, at: "DependencyUploader.java:55 getInt with a default"},
	"storm.blobstore.inputstream.buffer.size.bytes":          {null: true, at: "NimbusBlobStore.java:49 getInt with a default"},
	"storm.cluster.state.store":                              {null: true, at: "ClusterUtils.java:311 checks it"},
	"storm.doAsUser":                                         {null: true, at: "NimbusClient.java:249 is the user or null"},
	"storm.zookeeper.topology.auth.payload":                  {null: true, at: "StormSubmitter.java:82 checks it"},
	"storm.zookeeper.topology.auth.scheme":                   {null: true, at: "Utils.java:634 checks it"},
	"topology.auto-credentials":                              {null: true, at: "ClientAuthUtils.java:278 checks it"},
	"topology.auto.task.hooks":                               {null: true, at: "Task.java:296 checks it"},
	"topology.bolts.late.tuple.stream":                       {at: "WindowedBoltExecutor.java:203 checks only whether it is there"},
	"topology.bolts.message.id.field.name":                   {at: "StatefulWindowedBoltExecutor.java:68 checks only whether it is there"},
	"topology.bolts.tuple.timestamp.max.lag.ms":              {at: "WindowedBoltExecutor.java:189 unboxes it"},
	"topology.bolts.watermark.event.interval.ms":             {at: "WindowedBoltExecutor.java:196 unboxes it"},
	"topology.bolts.window.length.count":                     {at: "WindowedBoltExecutor.java:161 unboxes it"},
	"topology.bolts.window.length.duration.ms":               {at: "WindowedBoltExecutor.java:164 unboxes it"},
	"topology.bolts.window.sliding.interval.count":           {at: "WindowedBoltExecutor.java:169 unboxes it"},
	"topology.bolts.window.sliding.interval.duration.ms":     {at: "WindowedBoltExecutor.java:172 unboxes it"},
	"topology.classpath":                                     {null: true, at: "BasicContainer.java:439 takes what is neither text nor list for none"},
	"topology.classpath.beginning":                           {null: true, at: "BasicContainer.java:435 takes what is neither text nor list for none"},
	"topology.component.resources.map":                       {null: true, at: "ResourceNameNormalizer.java normalizedResourceMap checks it"},
	"topology.enable.send.iconnection.metrics":               {null: true, at: "Client.java:183 getBoolean with a default"},
	"topology.environment":                                   {null: true, at: "BasicContainer.java:271 and 833 check it; ProcessBuilder refuses some names", by: bySupervisors},
	"topology.event.logger.register":                         {null: true, at: "EventLoggerBolt.java:48 checks it"},
	"topology.fall.back.on.java.serialization":               {at: "DefaultKryoFactory.java:30 unboxes it"},
	"topology.groups":                                        {null: true, at: "Container.java:321, SimpleACLAuthorizer.java:191 getStrings"},
	"topology.isolate.machines":                              {null: true, at: "IsolatedPool.java:60, RoundRobinResourceAwareStrategy.java:49 check it"},
	"topology.kryo.decorators":                               {null: true, at: "Nimbus.java:1126, SerializationFactory.java:99 check it"},
	"topology.kryo.register":                                 {null: true, at: "Nimbus.java:1133, SerializationFactory.java:193 check it"},
	"topology.logging.config":                                {null: true, at: "BasicContainer.java:624 checks it"},
	"topology.multilang.log.handler":                         {at: "ShellUtils.java:138 calls it"},
	"topology.multilang.serializer":                          {at: "ShellProcess.java:97 loads the class"},
	"topology.ras.constraint.max.time.secs":                  {null: true, at: "BaseResourceAwareStrategy.java:240 getInt with a default", by: byRAS},
	"topology.ras.constraints":                               {null: true, at: "ConstraintSolverConfig.java:74 checks it, and :81 reads two of each list", by: byRAS},
	"topology.ras.order.executors.by.proximity.needs":        {null: true, at: "BaseResourceAwareStrategy.java:258 getBoolean with a default", by: byRAS},
	"topology.readonly.groups":                               {null: true, at: "SimpleACLAuthorizer.java:191 getStrings"},
	"topology.readonly.users":                                {null: true, at: "SimpleACLAuthorizer.java:182 getStrings"},
	"topology.scheduler.favored.nodes":                       {null: true, at: "NodeSorter.java:396 checks it"},
	"topology.scheduler.unfavored.nodes":                     {null: true, at: "NodeSorter.java:396 checks it"},
	"topology.spread.components":                             {null: true, at: "NodePool.java:222, ConstraintSolverConfig.java:148 check it"},
	"topology.state.checkpoint.interval.ms":                  {at: "CheckpointSpout.java:151 unboxes it"},
	"topology.state.kryo.register":                           {at: "DefaultStateSerializer.java:77 adds all of it"},
	"topology.state.provider":                                {at: "StateFactory.java:43 loads the class"},
	"topology.subprocess.timeout.secs":                       {at: "ShellBolt.java:145, ShellSpout.java:99 getInt"},
	"topology.trident.batch.emit.interval.millis":            {at: "MasterBatchCoordinator.java:83 unboxes it"},
	"topology.trident.windowing.cache.tuple.limit":           {at: "WindowTridentProcessor.java:138 unboxes it"},
	"topology.users":                                         {null: true, at: "Nimbus.java:3289, Container.java:332 getStrings"},
	"topology.worker.childopts":                              {null: true, at: "BasicContainer.java:646 takes it for none"},
	"topology.worker.gc.childopts":                           {null: true, at: "BasicContainer.java:648 takes it for none"},
	"topology.worker.logwriter.childopts":                    {null: true, at: "BasicContainer.java:634 takes it for none"},
	"topology.worker.metrics":                                {null: true, at: "SystemBolt.java:158 checks it"},
	"transactional.zookeeper.port":                           {null: true, at: "TransactionalState.java:197 checks it"},
	"transactional.zookeeper.servers":                        {null: true, at: "TransactionalState.java:197 checks it"},
	"worker.heap.memory.mb":                                  {null: true, at: "BasicContainer.java:563 getInt with a default; ServerUtils.java:690", by: bySupervisors},

	// Workers and Storm's client, where null does not mean what "not set" means.
	"drpc.invocations.port":                                {at: "DRPCSpout.java:124 getInt"},
	"drpc.servers":                                         {at: "DRPCSpout.java:126 refuses it"},
	"drpc.max_buffer_size":                                 {at: "SimpleTransportPlugin.java:95 unboxes it"},
	"nimbus.thrift.max_buffer_size":                        {at: "SimpleTransportPlugin.java:95, ThriftConnectionType.java:164 getInt"},
	"supervisor.thrift.max_buffer_size":                    {at: "SimpleTransportPlugin.java:95 unboxes it"},
	"supervisor.thrift.socket.timeout.ms":                  {at: "ThriftConnectionType.java:171 getInt"},
	"storm.thrift.tls.socket.timeout.ms":                   {at: "ThriftConnectionType.java:171 getInt"},
	"pacemaker.servers":                                    {at: "PacemakerClientPool.java:36 takes it for no server"},
	"pacemaker.thrift.message.size.max":                    {at: "PacemakerClient.java:108 casts it to int"},
	"storm.messaging.netty.tls.ciphers":                    {at: "NettyTlsUtils.java:50 checks only whether it is there"},
	"storm.messaging.netty.tls.keystore.path":              {at: "NettyTlsUtils.java:67 getString"},
	"storm.messaging.netty.tls.keystore.password":          {at: "NettyTlsUtils.java:68 getString"},
	"storm.messaging.netty.tls.truststore.path":            {at: "NettyTlsUtils.java:69 getString"},
	"storm.messaging.netty.tls.truststore.password":        {at: "NettyTlsUtils.java:70 getString"},
	"storm.messaging.netty.tls.client.keystore.path":       {at: "NettyTlsUtils.java:76 getString"},
	"storm.messaging.netty.tls.client.keystore.password":   {at: "NettyTlsUtils.java:78 getString"},
	"storm.messaging.netty.tls.client.truststore.path":     {at: "NettyTlsUtils.java:80 getString"},
	"storm.messaging.netty.tls.client.truststore.password": {at: "NettyTlsUtils.java:82 getString"},
	"storm.meta.serialization.delegate":                    {at: "Utils.java:903 loads the class"},
	"storm.topology.submission.notifier.plugin.class":      {at: "StormSubmitter.java:378 calls it"},
	"topology.state.provider.config":                       {at: "RedisKeyValueStateProvider.java:52 checks only whether it is there"},
	"transactional.zookeeper.root":                         {at: "TransactionalState.java:52 writes it into a path"},

	// Null means "not set" there.
	"drpc.port":                                         {null: true, at: "DRPCClient.java:93 getInt with a default"},
	"drpc.thrift.transport":                             {null: true, at: "ThriftConnectionType.java:132 checks it"},
	"drpc.invocations.thrift.transport":                 {null: true, at: "ThriftConnectionType.java:132 checks it"},
	"supervisor.thrift.transport":                       {null: true, at: "ThriftConnectionType.java:132 checks it"},
	"supervisor.thrift.client.use.tls":                  {null: true, at: "SupervisorClient.java:60 getBoolean with a default"},
	"supervisor.thrift.tls.client.keystore.path":        {null: true, at: "ThriftConnectionType.java:219 getString with a default"},
	"supervisor.thrift.tls.client.keystore.password":    {null: true, at: "ThriftConnectionType.java:219 getString with a default"},
	"supervisor.thrift.tls.client.truststore.path":      {null: true, at: "ThriftConnectionType.java:219 getString with a default"},
	"supervisor.thrift.tls.client.truststore.password":  {null: true, at: "ThriftConnectionType.java:219 getString with a default"},
	"supervisor.thrift.tls.client.key.path":             {null: true, at: "ThriftConnectionType.java:239 getString with a default"},
	"supervisor.thrift.tls.client.cert.path":            {null: true, at: "ThriftConnectionType.java:239 getString with a default"},
	"pacemaker.auth.method":                             {null: true, at: "Worker.java:131 replaces it"},
	"storm.cgroup.hierarchy.dir":                        {null: true, at: "Nimbus.java:1239 replaces it"},
	"worker.metrics":                                    {null: true, at: "Nimbus.java:1240 replaces it"},
	"storm.workers.artifacts.dir":                       {null: true, at: "Nimbus.java:1155 removes it"},
	"storm.local.hostname":                              {null: true, at: "Nimbus.java:3346 removes it; Utils.java:1815 checks it"},
	"storm.local.dir":                                   {null: true, at: "ConfigUtils.java:243 checks it"},
	"worker.childopts":                                  {null: true, at: "Cluster.java:269 takes it for none"},
	"worker.gc.childopts":                               {null: true, at: "Cluster.java:254 takes it for none"},
	"topology.component.cpu.pcore.percent":              {null: true, at: "NormalizedResourceRequest.java:76 checks it"},
	"topology.component.resources.onheap.memory.mb":     {null: true, at: "NormalizedResourceRequest.java:76 checks it"},
	"topology.component.resources.offheap.memory.mb":    {null: true, at: "NormalizedResourceRequest.java:76 checks it"},
	"topology.stats.ewma.enable":                        {null: true, at: "ConfigUtils.java:194 (v3.0.0-SNAPSHOT), null is false"},
	"topology.upstream.feedback.enable":                 {null: true, at: "ConfigUtils.java:202 (v3.0.0-SNAPSHOT), null is false"},
	"topology.producer.batch.dynamic":                   {null: true, at: "WorkerState.java:727 (v3.0.0-SNAPSHOT) getBoolean with a default"},
	"topology.tuple.compression.enable":                 {null: true, at: "KryoTupleSerializer.java:40 (v3.0.0-SNAPSHOT) getBoolean with a default"},
	"topology.tuple.compression.threshold":              {null: true, at: "KryoTupleSerializer.java:41 (v3.0.0-SNAPSHOT) getInt with a default"},
	"topology.stats.ewma.smoothing.factor":              {null: true, at: "ConfigUtils.java:180 (v3.0.0-SNAPSHOT), null is the default"},
	"topology.upstream.feedback.freq.secs":              {null: true, at: "ConfigUtils.java:210 (v3.0.0-SNAPSHOT) getInt with a default"},
	"topology.tuple.compression.max.decompressed.bytes": {null: true, at: "KryoTupleDeserializer.java:45 (v3.0.0-SNAPSHOT) getInt with a default"},
	"storm.compression.zstd.level":                      {at: "ZstdThriftSerializationDelegate.java:44 (v3.0.0-SNAPSHOT) getInt"},
	"storm.compression.zstd.max.decompressed.bytes":     {at: "ZstdThriftSerializationDelegate.java:46 (v3.0.0-SNAPSHOT) getInt"},
	"storm.compression.gzip.max.decompressed.bytes":     {at: "GzipThriftSerializationDelegate.java:40 (v3.0.0-SNAPSHOT) getInt"},
	"topology.eventlogger.max.retained.files":           {null: true, at: "FileBasedEventLogger.java:111 (v2.8.8) getInt with a default"},
	"topology.eventlogger.rotation.size.mb":             {null: true, at: "FileBasedEventLogger.java:108 (v2.8.8) getInt with a default"},
	"storm.exhibitor.poll.millis":                       {null: true, at: "CuratorUtils.java:93 getInt (v2.5.0), if there are servers; no newer Storm reads it"},
	"storm.exhibitor.poll.uripath":                      {null: true, at: "CuratorUtils.java:92 getString (v2.5.0), if there are servers; no newer Storm reads it"},
	"storm.exhibitor.port":                              {null: true, at: "CuratorUtils.java:83 getInt (v2.5.0), if there are servers; no newer Storm reads it"},
	"storm.exhibitor.retry.interval":                    {null: true, at: "CuratorUtils.java:95 getInt (v2.5.0), if there are servers; no newer Storm reads it"},
	"storm.exhibitor.retry.intervalceiling.millis":      {null: true, at: "CuratorUtils.java:96 getInt (v2.5.0), if there are servers; no newer Storm reads it"},
	"storm.exhibitor.retry.times":                       {null: true, at: "CuratorUtils.java:97 getInt (v2.5.0), if there are servers; no newer Storm reads it"},
	"storm.exhibitor.servers":                           {null: true, at: "CuratorUtils.java:78 getStrings (v2.5.0), if there are servers; no newer Storm reads it"},
	"topology.logging.sensitivity":                      {null: true, at: "BasicContainer.java:539 checks it"},
}

// notRead are the declared settings that nothing reads from the conf of a topology: no reader is
// in Storm, or each reads the conf of its own daemon, as Worker.java does for the intervals of a
// worker. Null does no harm there.
var notRead = []string{
	"blobstore.cleanup.enable", "blobstore.dir", "blobstore.hdfs.keytab", "blobstore.hdfs.principal",
	"drpc.authorizer.acl", "drpc.authorizer.acl.filename", "drpc.authorizer.acl.strict",
	"drpc.invocations.threads", "drpc.queue.size", "drpc.worker.threads",
	"executor.metrics.frequency.secs",
	"nimbus.admins", "nimbus.admins.groups", "nimbus.autocredential.plugins.classes",
	"nimbus.credential.renewers.classes", "nimbus.daemon.users", "nimbus.groups", "nimbus.impersonation.acl",
	"nimbus.local.assignments.backend.class", "nimbus.queue.size", "nimbus.scheduler.strategy.class.whitelist",
	"nimbus.supervisor.users", "nimbus.thrift.threads", "nimbus.users",
	"storm.blobstore.acl.validation.enabled", "storm.blobstore.replication.factor",
	"storm.daemon.metrics.reporter.plugin.duration.unit", "storm.daemon.metrics.reporter.plugin.locale",
	"storm.daemon.metrics.reporter.plugin.rate.unit", "storm.disable.symlinks", "storm.group.mapping.service",
	"storm.group.mapping.service.cache.duration.secs", "storm.group.mapping.service.params",
	"storm.hdfs.login.keytab", "storm.hdfs.login.principal", "storm.local.mode.zmq", "storm.principal.tolocal",
	"supervisor.cpu.capacity", "supervisor.memory.capacity.mb", "supervisor.queue.size",
	"supervisor.resources.map", "supervisor.run.worker.as.user", "supervisor.thrift.port",
	"supervisor.thrift.threads", "supervisor.thrift.tls.client.auth.required",
	"supervisor.thrift.tls.server.keystore.password", "supervisor.thrift.tls.server.keystore.path",
	"supervisor.thrift.tls.server.truststore.password", "supervisor.thrift.tls.server.truststore.path",
	"supervisor.worker.default.version", "supervisor.worker.heartbeats.max.timeout.secs",
	"supervisor.worker.launcher", "supervisor.worker.shutdown.sleep.secs",
	"supervisor.worker.version.classpath.map", "supervisor.worker.version.logwriter.map",
	"supervisor.worker.version.main.map",
	"task.credentials.poll.secs", "task.heartbeat.frequency.secs", "task.refresh.poll.secs",
	"topology.sleep.spout.wait.strategy.time.ms", "topology.transactional.id",
	"topology.worker.shared.thread.pool.size",
	"worker.blob.update.poll.interval.secs", "worker.heartbeat.frequency.secs",
	"worker.log.level.reset.poll.secs",
}

// refusedByStorm are the settings without a reader above whose null Storm's own validation refuses
// (@NotNull in storm-client/src/jvm/org/apache/storm/Config.java, v2.8.1).
var refusedByStorm = []string{
	"storm.network.topography.plugin", "supervisor.worker.timeout.secs", "topology.backpressure.check.millis",
	"topology.backpressure.wait.park.microsec", "topology.backpressure.wait.progressive.level1.count",
	"topology.backpressure.wait.progressive.level2.count",
	"topology.backpressure.wait.progressive.level3.sleep.millis", "topology.batch.flush.interval.millis",
	"topology.bolt.wait.park.microsec", "topology.bolt.wait.progressive.level1.count",
	"topology.bolt.wait.progressive.level2.count", "topology.bolt.wait.progressive.level3.sleep.millis",
	"topology.disable.loadaware.messaging", "topology.localityaware.higher.bound",
	"topology.localityaware.lower.bound", "topology.scheduler.strategy", "topology.shellbolt.max.pending",
	"topology.spout.recvq.skips", "topology.spout.wait.park.microsec",
	"topology.spout.wait.progressive.level1.count", "topology.spout.wait.progressive.level2.count",
	"topology.spout.wait.progressive.level3.sleep.millis", "topology.state.synchronization.timeout.secs",
}
