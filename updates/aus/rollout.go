package aus

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"path"
	"sort"
	"strings"
)

// A rollout offers a release to a share of a channel's clients first. Its
// answers lie beside the live ones, which stay, and the server decides by what
// it finds in one directory for each product and channel:
//
//	rollout/PRODUCT/CHANNEL/answers/VERSION/BUILDID/TARGET/LOCALE/update.xml
//	rollout/PRODUCT/CHANNEL/00 to 99   a bucket of clients that is offered them
//	rollout/PRODUCT/CHANNEL/HALTED     nobody is, whatever else is there
//	rollout/PRODUCT/CHANNEL/RELEASE    the name of the release that they are of
const (
	rolloutTop = "rollout"
	// HaltedFile stops a rollout as soon as it is there, whatever it says.
	HaltedFile = "HALTED"
	// OwnerFile names the release whose rollout this is.
	OwnerFile = "RELEASE"
	// AnswersDir holds the answers of the release.
	AnswersDir = "answers"
)

// buckets are what a channel's clients are divided into: one is 1 %.
const buckets = 100

// RolloutDir is where the rollout of a product on a channel lies.
func RolloutDir(product, channel string) string { return path.Join(rolloutTop, product, channel) }

// RolloutName turns the name of a live answer into that of the same answer
// while its rollout lasts. It is false for what is no answer of the product on
// the channel.
func RolloutName(product, channel, live string) (string, bool) {
	// update/PRODUCT/VERSION/BUILDID/TARGET/LOCALE/CHANNEL/update.xml
	parts := strings.Split(live, "/")
	if len(parts) != 8 || parts[0] != "update" || parts[1] != product || parts[6] != channel {
		return "", false
	}
	return path.Join(RolloutDir(product, channel), AnswersDir, path.Join(parts[2:6]...), parts[7]), true
}

// Buckets are the first buckets, as many as the share has percents, in the
// order of a version: whoever is in at 25 is in at 50, and each version begins
// with other clients. The builds of a version begin with the same, so that a
// respin reaches first who got what it mends.
func Buckets(product, version string, share int) []string {
	var ranked [buckets]struct {
		rank [sha256.Size]byte
		name string
	}
	for i := range ranked {
		ranked[i].name = fmt.Sprintf("%02d", i)
		ranked[i].rank = sha256.Sum256([]byte(product + " " + version + " " + ranked[i].name))
	}
	first := make([]string, min(max(share, 0), buckets))
	order := ranked[:]
	sort.Slice(order, func(i, j int) bool { return bytes.Compare(order[i].rank[:], order[j].rank[:]) < 0 })
	for i := range first {
		first[i] = order[i].name
	}
	return first
}

// IsBucket tells whether a file's name is that of a bucket.
func IsBucket(name string) bool {
	return len(name) == 2 && name[0] >= '0' && name[0] <= '9' && name[1] >= '0' && name[1] <= '9'
}

// CheckShares wants shares that rise, above nobody and below everybody: 100 is
// always the end.
func CheckShares(shares []int) error {
	last := 0
	for _, s := range shares {
		switch {
		case s < 1 || s >= buckets:
			return fmt.Errorf("share %d: want 1 to %d percent; the rollout ends with all", s, buckets-1)
		case s <= last:
			return fmt.Errorf("share %d after %d: want more with each step", s, last)
		}
		last = s
	}
	return nil
}

// rolloutName is a class's answer while the rollout lasts.
func (r *Release) rolloutName(c class) string {
	name, _ := RolloutName(r.Product, c.channel.Name, r.xmlName(c))
	return name
}
