package release

// Platform is one thing that is built. Other systems know it by other names,
// which are mapped here and nowhere else.
type Platform struct {
	Title     string `json:"title,omitempty" jsonschema_description:"for people, such as Linux 64-bit; default: the id"`
	Directory string `json:"directory,omitempty" jsonschema_description:"in the candidates directory, such as linux-x86_64; default: the id"`
	L10nID    string `json:"l10n-id,omitempty" jsonschema_description:"in l10n-changesets.json, such as macosx64; default: the id"`
	PartnerID string `json:"partner-id,omitempty" jsonschema_description:"in repack.cfg, such as linux-x86_64; default: directory"`
	Bouncer   string `json:"bouncer,omitempty" jsonschema_description:"%OS_BOUNCER% in download URLs; default: the id"`

	BuildTargets []string `json:"build-targets,omitempty" jsonschema_description:"as clients name themselves, such as Linux_x86_64-gcc3; the others are aliases of the first"`

	Builder   string     `json:"builder,omitempty" jsonschema:"enum=exec,enum=import" jsonschema_description:"exec runs steps in a clean worktree, import takes prebuilt bytes; default exec"`
	Steps     [][]string `json:"steps,omitempty" jsonschema_description:"exec: argument lists, run in order without a shell"`
	Env       Variables  `json:"env,omitempty" jsonschema_description:"exec: the environment; nothing else but PATH, HOME, TMPDIR, SLIPWAY_* and what pass names is there"`
	Pass      []string   `json:"pass,omitempty" jsonschema_description:"exec: names of variables handed through from slipway's own environment, such as GOCACHE; they must not change the bytes"`
	Transient []string   `json:"transient,omitempty" jsonschema_description:"regular expressions, such as Connection reset: steps that print one and fail are tried again"`
	Output    string     `json:"output,omitempty" jsonschema_description:"exec: directory that the steps leave, packed by slipway; or an archive in the platform's format"`
	Import    Import     `json:"import,omitempty" jsonschema_description:"import: where the bytes come from"`
	Twice     bool       `json:"reproduce,omitempty" jsonschema_description:"build twice, and fail when the bytes differ"`

	Archive   string `json:"archive" jsonschema:"enum=tar.xz,enum=tar.gz,enum=tar,enum=zip" jsonschema_description:"format of the package"`
	Name      string `json:"name,omitempty" jsonschema_description:"of the package file; default {product}-{version}.ARCHIVE"`
	Root      string `json:"root" jsonschema_description:"directory inside the package that is the application, such as skiff or Skiff.app"`
	Resources string `json:"resources,omitempty" jsonschema_description:"below root, where translated and partner files go, such as Contents/Resources"`
	BCJ       string `json:"bcj,omitempty" jsonschema:"enum=x86,enum=none" jsonschema_description:"filter for machine code, in whole files and in what patches bring along; default x86"`
	Pool      string `json:"pool,omitempty" jsonschema_description:"capacity class of builds; default build"`

	Installers map[string]Installer `json:"installers,omitempty" jsonschema_description:"what steps make of every package, each locale's and each partner's: an installer, a disk image, a language pack"`

	Programs []string `json:"authenticode,omitempty" jsonschema_description:"files of the package that get an Authenticode signature: shell patterns of names, such as *.exe and *.dll, or of paths in the package; with ! before it a pattern takes files out"`
}

// Installer is made of a package by programs of the product's own.
type Installer struct {
	Name         string     `json:"name" jsonschema_description:"of the file, beside the package, such as {product}-{version}-setup.exe"`
	Directory    string     `json:"directory,omitempty" jsonschema_description:"of the main repository, in a copy of which the steps run; default: all of it"`
	Steps        [][]string `json:"steps" jsonschema_description:"argument lists, with the environment of builds and SLIPWAY_PACKAGE, the path of the package, SLIPWAY_LOCALE and SLIPWAY_PARTNER"`
	Output       string     `json:"output" jsonschema_description:"file that the steps leave"`
	Authenticode bool       `json:"authenticode,omitempty" jsonschema_description:"sign it, as signing.authenticode says"`
}

// Variables are environment variables by name.
type Variables map[string]string

// Import is where prebuilt bytes come from. {version} and {build} are filled in.
type Import struct {
	From   string `json:"from,omitempty" jsonschema_description:"path or https URL"`
	SHA256 string `json:"sha256,omitempty" jsonschema:"pattern=^[0-9a-f]{64}$" jsonschema_description:"required for a URL, here or by slipway plan --import"`
}

// Updates says what updates are made and where clients find them.
type Updates struct {
	Priors          *int               `json:"prior-releases,omitempty" jsonschema:"minimum=0,maximum=20" jsonschema_description:"how many former releases get a partial; default 2"`
	MARChannel      string             `json:"mar-channel,omitempty" jsonschema_description:"channel id inside MARs, such as skiff-release; default PRODUCT-CHANNEL"`
	Channels        map[string]Channel `json:"channels,omitempty" jsonschema_description:"update channels, test channels among them; absent: no snippets"`
	Details         string             `json:"details-url,omitempty" jsonschema_description:"release notes; %LOCALE% and {version} are filled in"`
	Type            string             `json:"type,omitempty" jsonschema:"enum=minor,enum=major" jsonschema_description:"default minor"`
	Lines           []Line             `json:"lines,omitempty" jsonschema_description:"what some clients are told beside: what's-new pages, prompts, a major update for old versions"`
	Watersheds      []string           `json:"watersheds,omitempty" jsonschema_description:"versions that older clients must pass through; each was released, with answers of form blob"`
	Answers         []string           `json:"answers,omitempty" jsonschema:"enum=snippets-v1,enum=snippets-v2,enum=xml,enum=blob" jsonschema_description:"forms in which clients are told; default snippets-v2, xml (static files with rules for nginx and Apache) and blob"`
	Rollout         []int              `json:"rollout,omitempty" jsonschema_description:"percents of users that are offered a release before all are, rising, such as [25, 50]; absent: all at once"`
	Soak            string             `json:"soak,omitempty" jsonschema_description:"how long each share is meant to stand, such as 24h; shown at the next gate, never enforced"`
	Health          []string           `json:"health,omitempty" jsonschema_description:"argument list of a program that is asked before each share but the first, after people said yes; anything but exit code 0 holds the share back, and its last words say why. It has slipway's own environment, SLIPWAY_RELEASE and SLIPWAY_SHARE, and runs beside this file"`
	MakePrecomplete bool               `json:"make-precomplete,omitempty" jsonschema_description:"write the list precomplete where a build brings none"`
	Format          string             `json:"format,omitempty" jsonschema:"enum=bsdiff,enum=zucchini,enum=best" jsonschema_description:"of patches; default bsdiff"`
	Force           []string           `json:"force,omitempty" jsonschema_description:"paths that a partial always carries whole"`
}

// Channel is one update channel of clients.
type Channel struct {
	// Test marks channels that answer before the release is shipped.
	Test bool `json:"test,omitempty" jsonschema_description:"answers before the ship gate opens"`
	// TestOf: both are told the same but for where files lie, and that is proven.
	TestOf string `json:"test-of,omitempty" jsonschema_description:"of a test channel: the live one that it rehearses; both must be told the same, but for the URL"`
	URL    string `json:"url" jsonschema_description:"where MARs are: {directory} {locale} {file} {version} {build} are filled in; {path} is the path below the candidate or the release"`
}

// Secret refers to a secret and never is one: keyring:NAME, file:PATH (mode
// 0600), cmd:PROGRAM ARGUMENTS, or fd:NUMBER.
type Secret string
