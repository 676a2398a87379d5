// Package mail writes the mails that a release is coordinated by.
//
// A release is said to go, to stop, to be pushed and to be shipped by mail,
// because mail reaches every group at once, says exactly one thing and carries
// the time at which it was said. So subjects are fixed ([Kind]), a go names
// exact revisions and never "latest", a time has seconds and a zone, and an
// all stop begins a thread of its own that nobody has muted.
//
// [Compose] turns facts into a [Message], and the same facts give the same
// message, its Message-ID included: product, version, build number and kind
// decide it. Whether a mail was sent already can therefore be asked by that ID;
// who asks and where the answer is kept is the caller's business. A message is
// written as a file ([Message.EML]) or sent ([Send]).
//
// All mails of a build answer its go to build, so that mail programs show them
// as one thread.
package mail
