package updates

// Versions of the steps whose results are cached. Each is part of the keys of
// its results and must be raised when the same inputs begin to give other
// bytes; what the former version made is then simply not found.
const (
	encoderVersion  = "xz-5"
	cutVersion      = "jar-1"    // of the rule by which jars are cut into blocks
	bsdiffVersion   = "bsdiff-8" // also of how its sections are packed
	zucchiniVersion = "zucchini-1"
	marVersion      = "mar-1"
	decoderVersion  = "unxz-1"
)
