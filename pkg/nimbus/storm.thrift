/*
 * What Stormhooks asks of Nimbus, and no more: field numbers, types and
 * exceptions as Apache Storm declares them in
 * storm-client/src/storm.thrift, v2.8.1. Fields that are left out are skipped
 * when they are read. StormTopology stays empty on purpose: a topology is never
 * decoded, its bytes are passed on as they are.
 */
namespace go storm

exception AlreadyAliveException { 1: required string msg }
exception NotAliveException { 1: required string msg }
exception AuthorizationException { 1: required string msg }
exception InvalidTopologyException { 1: required string msg }

exception KeyNotFoundException { 1: required string msg }
exception KeyAlreadyExistsException { 1: required string msg }
exception IllegalStateException { 1: required string msg }

struct NimbusSummary {
  1: required string host
  2: required i32 port
  3: required i32 uptime_secs
  4: required bool isLeader
  5: required string version
  6: optional i32 tlsPort
}

struct SupervisorSummary {
  1: required string host
  2: required i32 uptime_secs
  3: required i32 num_workers
  4: required i32 num_used_workers
  5: required string supervisor_id
}

struct TopologySummary {
  1: required string id
  2: required string name
  3: required i32 num_tasks
  4: required i32 num_executors
  5: required i32 num_workers
  6: required i32 uptime_secs
  7: required string status
  513: optional string sched_status
}

struct ClusterSummary {
  1: required list<SupervisorSummary> supervisors
  3: required list<TopologySummary> topologies
  4: required list<NimbusSummary> nimbuses
}

struct ErrorInfo {
  1: required string error
  2: required i32 error_time_secs
  3: optional string host
  4: optional i32 port
}

struct ExecutorInfo {
  1: required i32 task_start
  2: required i32 task_end
}

struct ExecutorStats {
  /** window ("600", "10800", "86400", ":all-time") to stream to count */
  1: required map<string, map<string, i64>> emitted
}

struct ExecutorSummary {
  1: required ExecutorInfo executor_info
  2: required string component_id
  3: required string host
  4: required i32 port
  5: required i32 uptime_secs
  7: optional ExecutorStats stats
}

struct TopologyInfo {
  1: required string id
  2: required string name
  3: required i32 uptime_secs
  4: required list<ExecutorSummary> executors
  5: required string status
  6: required map<string, list<ErrorInfo>> errors
  513: optional string sched_status
}

enum NumErrorsChoice { ALL, NONE, ONE }

struct GetInfoOptions { 1: optional NumErrorsChoice num_err_choice }

struct KillOptions { 1: optional i32 wait_secs }

struct StormTopology {}

enum TopologyInitialStatus { ACTIVE = 1, INACTIVE = 2 }

struct SubmitOptions { 1: required TopologyInitialStatus initial_status }

struct RebalanceOptions {
  1: optional i32 wait_secs;
  2: optional i32 num_workers;
  3: optional map<string, i32> num_executors;
  5: optional string topology_conf_overrides;
}

enum AccessControlType { OTHER = 1, USER = 2 }

struct AccessControl {
  1: required AccessControlType type
  2: optional string name
  3: required i32 access
}

struct SettableBlobMeta { 1: required list<AccessControl> acl }

struct ReadableBlobMeta { 2: required i64 version }

struct ListBlobsResult {
  1: required list<string> keys
  2: required string session
}

service Nimbus {
  NimbusSummary getLeader() throws (1: AuthorizationException aze)
  ClusterSummary getClusterInfo() throws (1: AuthorizationException aze)
  list<TopologySummary> getTopologySummaries() throws (1: AuthorizationException aze)
  string getNimbusConf() throws (1: AuthorizationException aze)
  string getTopologyConf(1: string id) throws (1: NotAliveException e, 2: AuthorizationException aze)
  TopologyInfo getTopologyInfoWithOpts(1: string id, 2: GetInfoOptions options) throws (1: NotAliveException e, 2: AuthorizationException aze)
  TopologyInfo getTopologyInfoByNameWithOpts(1: string name, 2: GetInfoOptions options) throws (1: NotAliveException e, 2: AuthorizationException aze)

  void killTopologyWithOpts(1: string name, 2: KillOptions options) throws (1: NotAliveException e, 2: AuthorizationException aze)
  void activate(1: string name) throws (1: NotAliveException e, 2: AuthorizationException aze)
  void deactivate(1: string name) throws (1: NotAliveException e, 2: AuthorizationException aze)
  void rebalance(1: string name, 2: RebalanceOptions options) throws (1: NotAliveException e, 2: InvalidTopologyException ite, 3: AuthorizationException aze)

  string beginCreateBlob(1: string key, 2: SettableBlobMeta meta) throws (1: AuthorizationException aze, 2: KeyAlreadyExistsException kae)
  void uploadBlobChunk(1: string session, 2: binary chunk) throws (1: AuthorizationException aze)
  void finishBlobUpload(1: string session) throws (1: AuthorizationException aze)
  void cancelBlobUpload(1: string session) throws (1: AuthorizationException aze)
  void createStateInZookeeper(1: string key)
  ReadableBlobMeta getBlobMeta(1: string key) throws (1: AuthorizationException aze, 2: KeyNotFoundException knf)
  void deleteBlob(1: string key) throws (1: AuthorizationException aze, 2: KeyNotFoundException knf, 3: IllegalStateException ise)
  ListBlobsResult listBlobs(1: string session)

  string beginFileUpload() throws (1: AuthorizationException aze)
  void uploadChunk(1: string location, 2: binary chunk) throws (1: AuthorizationException aze)
  void finishFileUpload(1: string location) throws (1: AuthorizationException aze)
  void submitTopologyWithOpts(1: string name, 2: string uploadedJarLocation, 3: string jsonConf, 4: StormTopology topology, 5: SubmitOptions options) throws (1: AlreadyAliveException e, 2: InvalidTopologyException ite, 3: AuthorizationException aze)
}
