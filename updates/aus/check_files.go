package aus

func (c *checking) readBlobs() {
	if !c.blob {
		return
	}
	for _, o := range c.r.offers() {
		name := blobName(o)
		c.used[name] = true
		data, ok := c.files[name]
		if !ok {
			c.add("%s is missing", name)
			continue
		}
		b, err := ParseBlob(data)
		if err != nil {
			c.add("%s: %w", name, err)
			continue
		}
		c.blobs = append(c.blobs, b)
	}
}

func (c *checking) readXML(name string) (*Update, bool) {
	c.used[name] = true
	data, ok := c.files[name]
	if !ok {
		c.add("%s is missing: its clients get no answer", name)
		return nil, false
	}
	u, err := ParseXML(data)
	if err != nil {
		c.add("%s: %w", name, err)
	}
	return u, err == nil
}

// readSnippets puts a class's snippets together into one update.
func (c *checking) readSnippets(cl class) (*Update, bool) {
	var u *Update
	for _, kind := range []string{complete, partial} {
		name := c.r.snippetName(cl, kind)
		c.used[name] = true
		data, ok := c.files[name]
		if !ok {
			continue
		}
		s, err := ParseSnippet(data)
		switch {
		case err != nil:
			c.add("%s: %w", name, err)
			return nil, false
		case s.Patches[0].Type != kind:
			c.add("%s is about a %s", name, s.Patches[0].Type)
			return nil, false
		case kind == complete:
			u = &s
		case u == nil:
			c.add("%s has no complete beside it to fall back to", name)
			return nil, false
		default:
			patches := append(u.Patches, s.Patches[0])
			u.Patches, s.Patches = nil, nil
			for _, d := range differences(s, *u) {
				c.add("%s and its complete are about different updates: %s: partial %s, complete %s", name, d.field, d.a, d.b)
				return nil, false
			}
			u.Patches = patches
		}
	}
	return u, true
}

// rest finds files that answer nobody, and a static answer that is missing.
func (c *checking) rest() {
	if c.xml {
		c.used[noUpdate] = true
		if u, ok := c.readXML(noUpdate); ok && u != nil {
			c.add("%s offers %s", noUpdate, u.AppVersion)
		}
		c.wantFiles(rewriteRules())
	}
	c.rolloutRest()
	for _, p := range c.r.Priors {
		c.priorBlob(p)
	}
	for name := range c.files {
		if !c.used[name] {
			c.add("%s answers nobody", name)
		}
	}
}

// wantFiles holds files to the bytes that this program writes.
func (c *checking) wantFiles(files []File) {
	for _, f := range files {
		c.used[f.Name] = true
		if string(c.files[f.Name]) != string(f.Data) {
			c.add("%s is missing, or not as this program writes it", f.Name)
		}
	}
}

// priorBlob: the blob of a release that clients run leads nobody on, but a
// server looks it up to see whom a partial fits.
func (c *checking) priorBlob(p Prior) {
	name := "blobs/" + p.Name + ".json"
	c.used["blobs/"+p.Name+".rules.json"] = true // of a rollout that is over
	data, ok := c.files[name]
	if !ok || c.used[name] {
		return
	}
	c.used[name] = true
	if b, err := ParseBlob(data); err != nil {
		c.add("%s: %w", name, err)
	} else if b.Name != p.Name || b.AppVersion != p.AppVersion {
		c.add("%s is about %s, version %s", name, b.Name, b.AppVersion)
	}
}
