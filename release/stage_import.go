package release

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"slipway/cache"
	"slipway/cache/filesystem"
	"slipway/release/pipeline"
	"slipway/repack"
)

// importArgs name prebuilt bytes: promotion of what was tested elsewhere.
type importArgs struct {
	Import Import        `json:"import"`
	Format repack.Format `json:"format"`
	Root   string        `json:"root"`
	Name   string        `json:"name"`
}

// maxImport bounds a package; Firefox's largest has 150 MB, a game's data many
// gigabytes.
const maxImport = 32 << 30

func (e Env) importPackage(ctx context.Context, _ pipeline.Call, args importArgs) (pipeline.Result[packageFacts], error) {
	blob, err := e.fetch(ctx, args.Import)
	if err != nil {
		return pipeline.Result[packageFacts]{}, fmt.Errorf("importing %s: %w", args.Import.From, err)
	}
	return e.unpacked(ctx, blob, args.Format, args.Root, args.Name)
}

// fetch brings prebuilt bytes into the cache and holds them to their digest.
func (e Env) fetch(ctx context.Context, i Import) (cache.Blob, error) {
	want := cache.Digest("sha256:" + i.SHA256)
	in, err := e.openImport(ctx, i)
	if err != nil {
		return cache.Blob{}, err
	}
	defer in.Close()
	blob, err := e.Store.Put(ctx, io.LimitReader(in, maxImport))
	if err != nil {
		return cache.Blob{}, pipeline.Fail(pipeline.Infra, "the download broke off", err)
	}
	if blob.Digest != want {
		return cache.Blob{}, pipeline.Fail(pipeline.Clash, "the prebuilt bytes are not those of the plan",
			fmt.Errorf("%d bytes with %s; the plan has %s", blob.Size, blob.Digest, want))
	}
	return blob, nil
}

func (e Env) openImport(ctx context.Context, i Import) (io.ReadCloser, error) {
	if !i.remote() {
		return filesystem.OpenRegular(Below(e.Root, i.From))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, i.From, nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{CheckRedirect: func(to *http.Request, via []*http.Request) error {
		if to.URL.Scheme != "https" || len(via) > 5 {
			return errors.New("redirected away from https, or too often")
		}
		return nil
	}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, pipeline.Fail(pipeline.Infra, "the server could not be reached", err)
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, pipeline.Fail(pipeline.Infra, "the server refused", fmt.Errorf("%s answered %s", i.From, resp.Status))
	}
	return resp.Body, nil
}
