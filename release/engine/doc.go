// Package engine runs a graph on this machine and remembers everything.
//
// [Journal] is a state directory: a SQLite database and the tasks' logs. Any
// number of processes open it at once; there is no server. An [Engine] is the
// one process that drives a run: it holds the lock of (product, channel),
// walks the graph with a [pipeline.Machine], and writes each step — what
// ended, what people asked, what is about to start — in one durable
// transaction before it acts on it. A task is finished when its result row is
// committed; nothing before counts. So a kill at any instant loses at most
// attempts that were under way, and those are made again.
//
// Everybody else reads. [Journal.View] gives a [Snapshot] and keeps it fresh
// from new events alone; [Journal.History] is the whole story and
// [Journal.VerifyChain] proves that nobody edited it. To say something, a
// process sends a [Command]: the engine answers it within a moment, and when
// no engine runs the sender applies it itself under the same write lock and
// by the same code, so the next engine finds it done.
//
//	j, err := engine.Open(stateDir)
//	e := engine.Engine{Journal: j, Kinds: kinds, Now: time.Now}
//	out, err := e.Run(ctx, engine.RunSpec{Product: "skiff", …})
//
//	v, err := j.View(ctx, "skiff-1.2-build1")    // in any process
//	snap, err := v.Refresh(ctx, time.Now())      // as often as you like
//	answer, err := j.Send(ctx, engine.Command{Run: …, Verb: "retry", Select: "state:failed"}, time.Now)
//
// Results are shared by all runs of a state directory: the first stored under
// a key wins. A result whose files left the cache does not count and is made
// again. Tasks that act outside ask the world first, and again make sure of
// the lock's fence before they act.
package engine
