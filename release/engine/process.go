package engine

import (
	"os"
	"strings"
)

// process names one process for good: a pid alone is given out again, after a
// reboot or when the numbers wrap.
type process struct {
	host, boot string
	pid        int
	start      string // clock ticks after boot, as the kernel tells
}

func self() process {
	host, _ := os.Hostname()
	return process{host: host, boot: bootID(), pid: os.Getpid(), start: startTime(os.Getpid())}
}

// alive tells whether p still runs. Another boot is taken as its end: a journal
// belongs to one machine, for SQLite's shared memory does not cross to another.
func (p process) alive() bool {
	if p.pid == 0 {
		return false
	}
	if boot := bootID(); boot != p.boot {
		return false
	}
	return startTime(p.pid) == p.start && p.start != ""
}

func bootID() string {
	b, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(b))
}
