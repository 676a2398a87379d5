package engine

import (
	"fmt"
	"os"
	"strings"
)

// startTime is field 22 of /proc/PID/stat (proc(5)), empty when no such
// process runs. The command name before it may hold spaces and parentheses,
// so fields are counted from the last closing one; a zombie (state Z) holds
// nothing any more and counts as gone.
func startTime(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	s := string(b)
	fields := strings.Fields(s[strings.LastIndexByte(s, ')')+1:])
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return ""
	}
	return fields[19]
}
