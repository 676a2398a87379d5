// Package release knows what a release is.
//
// A release candidate is a product, a version and a build number. [Load] reads
// the product's slipway.yaml; [Resolve] pins everything that it leaves open
// (revisions, locales, partners, prior releases) and gives a [Plan]: data whose
// digest is its name, and the only thing that later steps read. [Check] looks
// for everything that would stop the plan, and [Graph] turns it into tasks, top
// to bottom like the release checklist. [Kinds] are the functions behind the
// tasks: they wire the rooms (git, repack, signing, updates, mail) together by
// digests in the cache.
//
// Everything before Kinds is a pure function of what it is given; what reads
// git or the publish directory says so in its name or its comment.
package release
