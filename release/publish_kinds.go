package release

import (
	"context"
	"encoding/json"
	"errors"
	"path"

	"slipway/cache"
	"slipway/release/pipeline"
)

func (e Env) publish(ctx context.Context, c pipeline.Call, args publishArgs) (pipeline.Result[[]placed], error) {
	var res pipeline.Result[[]placed]
	s, err := e.publishSite(c, args.Publish)
	if err != nil {
		return res, err
	}
	res.Facts, err = e.placeNeeds(ctx, c, s, args.Base)
	return res, errors.Join(err, s.close())
}

// placeNeeds publishes every file of the needs, and says what it placed.
func (e Env) placeNeeds(ctx context.Context, c pipeline.Call, s *site, base string) ([]placed, error) {
	var list []placed
	for _, need := range c.Needs {
		for _, f := range need.Files {
			name := path.Join(base, f.Name)
			if err := e.placeBlob(ctx, s, name, cache.Digest(f.Digest)); err != nil {
				return nil, err
			}
			list = append(list, placed{name, cache.Digest(f.Digest), f.Size})
			c.Progress(int64(len(list)), 0, "files")
		}
	}
	return list, nil
}

// publishProbe asks whether everything is there already.
func (e Env) publishProbe(_ context.Context, c pipeline.Call, args publishArgs) (pipeline.Result[[]placed], bool, error) {
	var res pipeline.Result[[]placed]
	s, err := e.publishSite(c, args.Publish)
	if err != nil {
		return res, false, err
	}
	for _, need := range c.Needs {
		for _, f := range need.Files {
			name := path.Join(args.Base, f.Name)
			if there, err := s.has(name, cache.Digest(f.Digest)); !there || err != nil {
				return res, false, errors.Join(err, s.close())
			}
			res.Facts = append(res.Facts, placed{name, cache.Digest(f.Digest), f.Size})
		}
	}
	return res, true, s.close()
}

func (e Env) publishCandidate(ctx context.Context, c pipeline.Call, args candidateArgs) (pipeline.Result[struct{}], error) {
	var res pipeline.Result[struct{}]
	s, err := e.publishSite(c, args.Publish)
	if err != nil {
		return res, err
	}
	list, err := e.finishCandidate(ctx, c, s, args)
	if err := errors.Join(err, s.close()); err != nil {
		return res, err
	}
	text, err := json.Marshal(list)
	if err != nil {
		return res, err
	}
	blob, err := e.Store.PutBytes(ctx, text)
	res.Files = []pipeline.File{file(candidateList, blob)}
	return res, err
}

func (e Env) finishCandidate(ctx context.Context, c pipeline.Call, s *site, args candidateArgs) ([]placed, error) {
	list, err := e.placeNeeds(ctx, c, s, args.Base)
	if err != nil {
		return nil, err
	}
	for i := range c.Needs {
		// Tasks that placed files themselves have no files, but a list of them.
		if len(c.Needs[i].Files) > 0 {
			continue
		}
		need, err := pipeline.Need[[]placed](c, i)
		if err != nil {
			return nil, err
		}
		list = append(list, need.Facts...)
	}
	own := map[string][]byte{}
	for dir, id := range args.BuildID {
		own[dir+"_info.txt"] = []byte("buildID=" + id + "\n")
	}
	if own[releaseJSON], err = indent(args.Release); err != nil {
		return nil, err
	}
	for _, name := range sortedKeys(own) {
		blob, err := e.Store.PutBytes(ctx, own[name])
		if err != nil {
			return nil, err
		}
		if err := e.placeBlob(ctx, s, path.Join(args.Base, name), blob.Digest); err != nil {
			return nil, err
		}
		list = append(list, placed{path.Join(args.Base, name), blob.Digest, blob.Size})
	}
	return list, nil
}

func indent(v any) ([]byte, error) {
	b, err := json.MarshalIndent(v, "", "  ")
	return append(b, '\n'), err
}

func short(key string) string { return cache.Digest(key).Short() }
