//go:build !linux

package updates

import "os"

// fileSystemSync: none waits for the disk here; macOS' and the BSDs' sync only
// asks for the writing.
func fileSystemSync() func(*os.File) error { return nil }
