package release

import (
	"fmt"
	"path"
	"strings"
	"time"

	"slipway/cache"
	"slipway/release/pipeline"
)

// publishArgs place all files of the needs below Base.
type publishArgs struct {
	Publish string `json:"publish"`
	Base    string `json:"base"`
}

// candidateArgs finish the candidate: files that belong to the whole of it,
// and the list of everything.
type candidateArgs struct {
	publishArgs
	Release published         `json:"release"`
	BuildID map[string]string `json:"build-ids"` // PLATFORM_info.txt by directory
}

// placed is one file of a candidate, as the list names it.
type placed struct {
	Path   string       `json:"path"` // below the publish directory
	Digest cache.Digest `json:"digest"`
	Size   int64        `json:"size"`
}

const candidateList = "candidate.json"

func (p *Plan) candidateBase() string {
	return path.Join(p.Config.Product, "candidates", p.Version+"-candidates", fmt.Sprintf("build%d", p.Build))
}

func (p *Plan) releaseBase() string { return path.Join(p.Config.Product, "releases", p.Version) }

// candidates publishes the candidate where QA finds it, a platform at a time,
// and last what belongs to the whole. Builds of partners that are not public
// are delivered elsewhere, by the tasks in private.
func (g *graph) candidates(signed []string) (candidate string, private []string) {
	p := g.plan
	byLane := map[string][]string{}
	for _, id := range signed {
		byLane[g.lane(id)] = append(byLane[g.lane(id)], id)
	}
	needs := byLane[""]
	for _, lane := range sortedKeys(byLane) {
		if lane == "" {
			continue
		}
		args := publishArgs{Publish: p.Config.Publish.Directory, Base: p.candidateBase()}
		t := pipeline.Task{
			ID: "publish/candidates/" + lane, Title: "publish the candidate's " + lane, Stage: stagePublish, Lane: lane,
			Kind: "publish", Needs: byLane[lane], Pool: "publish", Effect: pipeline.Once, Try: remote,
		}
		if _, ok := p.Config.Platforms[lane]; ok {
			t.Platform = lane
		}
		if lane == lanePrivate {
			t.ID, t.Title, args.Publish = "publish/"+lane, "deliver private partner builds", p.Config.Publish.Private
			private = append(private, g.add(t, args))
			continue
		}
		needs = append(needs, g.add(t, args))
	}
	args := candidateArgs{
		publishArgs: publishArgs{Publish: p.Config.Publish.Directory, Base: p.candidateBase()},
		Release:     p.published(), BuildID: map[string]string{},
	}
	for _, id := range g.platforms() {
		args.BuildID[p.Config.Platforms[id].Directory] = p.BuildID
	}
	return g.add(pipeline.Task{
		ID: "publish/candidates", Title: "publish the candidate", Stage: stagePublish, Kind: "publish-candidate",
		Needs: needs, Pool: "publish", Effect: pipeline.Idempotent, Try: remote, Outputs: []string{candidateList},
	}, args), private
}

const (
	lanePrivate  = "private-partners"
	lanePartners = "partners"
)

// lane is the part of the candidate that a signed file belongs to.
func (g *graph) lane(id string) string {
	rest, ok := strings.CutPrefix(id, "sign/partner/")
	if !ok {
		for _, platform := range g.platforms() {
			if strings.HasPrefix(id, "sign/"+platform+"/") {
				return platform
			}
		}
		return ""
	}
	if g.partnerOf["partner/"+rest].Config.Public {
		return lanePartners
	}
	return lanePrivate
}

func (p *Plan) published() published {
	r := published{
		Name: p.Candidate, Version: p.Version, Build: p.Build, BuildID: p.BuildID,
		Date: p.Date.UTC().Format(time.RFC3339), Plan: string(p.Digest()), Revisions: map[string]string{},
	}
	for _, repo := range p.Repositories {
		r.Revisions[repo.Name] = repo.Revision
	}
	return r
}
