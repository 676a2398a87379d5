package cache

import "syscall"

// Stamp rests on the status change time, which the kernel sets at every write,
// rename and link, and nobody can set back.
func (f diskFile) Stamp() (Stamp, bool) {
	st := f.info.Sys().(*syscall.Stat_t)
	return Stamp{
		Device: st.Dev, Inode: st.Ino, Size: st.Size, Written: st.Mtim.Nano(), Changed: st.Ctim.Nano(),
	}, true
}
