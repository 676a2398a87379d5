package pipeline

import (
	"fmt"
	"strings"
	"time"
)

// Forecast tells how long the tasks still to do will take. Left is what one
// task still needs, 0 when it is done; slots is how many of a pool run at
// once, 0 for no bound. Two things bound the end: the longest chain of needs,
// whose tasks are returned in order, and each pool's work over its slots.
func Forecast(g Graph, left func(i int) time.Duration, slots func(pool string) int) (time.Duration, []int) {
	var (
		at    = make(map[string]int, len(g.Tasks))
		until = make([]time.Duration, len(g.Tasks)) // to the end of task i
		via   = make([]int, len(g.Tasks))
		work  = map[string]time.Duration{}
		eta   time.Duration
		last  = -1
	)
	for i, t := range g.Tasks {
		at[t.ID], via[i] = i, -1
		own := left(i)
		for _, need := range t.Needs {
			if j, ok := at[need]; ok && until[j] > until[i] {
				until[i], via[i] = until[j], j
			}
		}
		until[i] += own
		work[t.Pool] += own
		if own > 0 && until[i] > eta {
			eta, last = until[i], i
		}
	}
	var path []int
	for i := last; i >= 0; i = via[i] {
		if left(i) > 0 {
			path = append([]int{i}, path...)
		}
	}
	for pool, w := range work {
		if n := slots(pool); n > 0 {
			eta = max(eta, w/time.Duration(n))
		}
	}
	return eta, path
}

// Stand is what [Why] looks at: a run as a view sees it.
type Stand struct {
	Standing Standing
	Engine   bool   // an engine process is alive
	PausedBy string // who paused or stopped the run, and why
	HaltedBy string // who halted its rollout, and why
	Counts   Counts
	Gates    []Waited // held gates
	Causes   []Cause  // of failed tasks
	Quiet    string   // a running task that has been silent too long
}

// Waited is a held gate and who has yet to sign it.
type Waited struct {
	Gate    string
	Missing []Missing
}

// Why says in one line why a run is not moving, or empty when it is done or
// moves as it should. That users are kept from the release is said first, and of
// one that is done too.
func Why(s Stand) string {
	why := s.stuck()
	switch {
	case s.HaltedBy == "":
		return why
	case why != "":
		why = "; " + why
	}
	return "rollout halted by " + s.HaltedBy + why
}

func (s Stand) stuck() string {
	switch {
	case s.Standing == Done:
		return ""
	case s.Standing == Stopped:
		return "stopped by " + s.PausedBy
	case s.PausedBy != "":
		return "paused by " + s.PausedBy
	case !s.Engine && len(s.Gates) == 0 && len(s.Causes) == 0:
		return "no engine is running"
	case s.Quiet != "":
		return "no output: " + s.Quiet
	case s.Engine && s.Counts.Running > 0:
		return ""
	case s.Engine && s.Counts.Retrying > 0:
		return fmt.Sprintf("waiting: %s will be tried again", count(s.Counts.Retrying, "task"))
	case len(s.Gates) > 0:
		return gatesText(s.Gates)
	case len(s.Causes) > 0:
		return fmt.Sprintf("%s failed: %s", count(s.Counts.Failed, "task"), s.Causes[0].Cause)
	}
	return ""
}

func gatesText(gates []Waited) string {
	var parts []string
	for _, m := range gates[0].Missing {
		parts = append(parts, fmt.Sprintf("%d of %d sign-offs (%s)", m.Have, m.Need, m.Role))
	}
	text := fmt.Sprintf("waiting at %s: %s", gates[0].Gate, strings.Join(parts, ", "))
	if n := len(gates) - 1; n > 0 {
		text += fmt.Sprintf(", and at %s", count(n, "more gate"))
	}
	return text
}
