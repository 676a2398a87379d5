// Package aus writes what tells a client where its update is, in the four
// forms that Mozilla's update servers ever had: AUS snippets, update.xml,
// release blobs, and files that a plain web server can answer with: to everybody,
// or to a share of a channel's clients first.
//
// A client asks with its class: product, version, build ID, build target,
// locale and channel, all of what it runs now. The answer, an [Update], is
// about what it shall run next: versions, where its [Patch]es are, their sizes
// and hashes. Clients older than a watershed are led to the watershed first.
//
// [Generate] is a pure function from a [Release], which lists who is out there
// and what is offered, to files. [Check] reads such files back and proves them:
// each reference against the MARs, each class led to the newest release. It
// trusts nothing that Generate knows.
package aus
