// Package git drives the git program for a release.
//
// Every repository of a plan has a bare [Mirror] in the state directory. A
// mirror is ours alone: its configuration is the one we wrote, nobody's hooks
// run in it, and commits and tags are made in it with plumbing commands, so no
// working copy of a person is ever touched. What is made there depends only on
// the job: the same job gives the same object ids on any machine.
//
// Revisions are full object ids. Branch names, tags and abbreviations are
// refused, for they may mean something else tomorrow.
package git
