name: in-jar
config:
  topology.workers: 1
  topology.max.spout.pending: ${ENV-PENDING}
spouts:
  - {id: idle, className: com.mycompany.IdleSpout, parallelism: 1}
bolts:
  - {id: shout, className: com.mycompany.UsesLibrary$Shout, parallelism: 1}
streams:
  - {from: idle, to: shout, grouping: {type: SHUFFLE}}
