// Package pipeline decides what may run.
//
// A release is a [Graph] of tasks. A [Task] names a registered kind, carries
// small JSON arguments and the tasks it needs; its [Result] names files by
// digest and states facts. Nothing here reads a clock, a disk or a network:
// the same graph and the same history give the same decision, so an engine
// can fold its journal through this package after a crash, and a Temporal
// workflow can replay it.
//
// A task's key is the hash of its kind, the kind's version, its arguments and
// the outputs of what it needs. A result that is already there under that key
// is the result: that one look-up is resume, respin, and "what is unaffected".
package pipeline
