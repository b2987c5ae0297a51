# Its parts are in files beside it, and its numbers come from properties.
name: crawler
includes:
  - {resource: false, file: includes.yaml, override: false}
config:
  topology.workers: 1
  topology.max.spout.pending: ${pending}
