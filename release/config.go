package release

// Config is slipway.yaml: all that is true of a product between releases. What
// changes with each release (version, build number, revisions) is an argument
// of [Resolve] and ends in the [Plan]. Relative paths are relative to the file.
//
// The json tags name the fields of the file, and the JSON Schema that is
// reflected from these structs is what [Load] checks the file by: one
// description for the loader, for editors and for readers.
type Config struct {
	Product       string `json:"product" jsonschema:"pattern=^[a-z][a-z0-9-]*$" jsonschema_description:"short lower-case name: in file names, directories and tags"`
	DisplayName   string `json:"display-name,omitempty" jsonschema_description:"the name people read, in mails and release names; default: product with a capital"`
	VersionScheme string `json:"version-scheme,omitempty" jsonschema:"enum=mozilla,enum=semver" jsonschema_description:"grammar and order of versions; default mozilla"`
	Channel       string `json:"channel,omitempty" jsonschema_description:"update channel that a release goes to; one run at a time holds it; default release"`

	Repositories map[string]Repository `json:"repositories" jsonschema_description:"main is built, l10n holds translations, partners their configurations; any other is tagged along"`
	Tags         Tags                  `json:"tags,omitempty" jsonschema_description:"names and signing of tags"`
	VersionFiles []VersionFile         `json:"version-files,omitempty" jsonschema_description:"files of the main repository that hold the version and are bumped on the release branch"`

	Source    Source              `json:"source,omitempty" jsonschema_description:"the source archive"`
	Platforms map[string]Platform `json:"platforms" jsonschema_description:"what is built, by platform id, such as linux64"`
	Locales   Locales             `json:"locales,omitempty" jsonschema_description:"what is translated, and how; absent: en-US only"`
	Partners  Partners            `json:"partners,omitempty" jsonschema_description:"partner repacks; absent: none"`

	Signing   Signing          `json:"signing,omitempty" jsonschema_description:"keys, by reference"`
	Updates   Updates          `json:"updates,omitempty" jsonschema_description:"MARs, snippets and where clients find them"`
	Publish   Publish          `json:"publish" jsonschema_description:"where candidates and releases lie"`
	Mail      Mail             `json:"mail,omitempty" jsonschema_description:"who is told; absent: nobody"`
	Gates     Gates            `json:"gates,omitempty" jsonschema_description:"who must agree, by gate"`
	Checklist map[string]Chore `json:"checklist,omitempty" jsonschema_description:"what people do beside the tasks, each signed as a gate is: release notes, a word with support"`
	Roles     Roles            `json:"roles,omitempty" jsonschema_description:"who may fill a role at the gates, by the names that the system or --by gives them; a role that is not here may be filled by anybody"`
	Pools     map[string]int   `json:"pools,omitempty" jsonschema_description:"how many tasks of a capacity class run at once"`
}

// Repository is a git repository that takes part in a release.
type Repository struct {
	URL    string `json:"url" jsonschema_description:"path or URL; tags and the release branch are pushed here"`
	Branch string `json:"branch,omitempty" jsonschema_description:"for people, and for suggestions of revisions; a plan never follows it"`
}

// Tags says how tags are named and made.
type Tags struct {
	Prefix       string `json:"prefix,omitempty" jsonschema:"pattern=^[A-Z][A-Z0-9_]*$" jsonschema_description:"default: the product in capitals, as in SKIFF_1_0_BUILD1"`
	BranchPrefix string `json:"branch-prefix,omitempty" jsonschema:"pattern=^[A-Z][A-Z0-9_]*$" jsonschema_description:"of release branches; default: prefix"`
	Tagger       string `json:"tagger,omitempty" jsonschema_description:"Name <address> of tags and bump commits"`
}

// VersionFile is a file whose content names the version.
type VersionFile struct {
	Path  string `json:"path" jsonschema_description:"in the main repository"`
	Find  string `json:"find,omitempty" jsonschema_description:"the line's text with {version} where the version stands; default {version}"`
	Holds string `json:"holds,omitempty" jsonschema:"enum=version,enum=app-version" jsonschema_description:"version is 10.0b3, app-version 10.0; default version"`
}

// Source is the source archive.
type Source struct {
	Archive string `json:"archive,omitempty" jsonschema:"enum=tar.xz,enum=tar.gz,enum=none" jsonschema_description:"default tar.xz"`
}

// Locales says what is translated and which files of the package that touches.
type Locales struct {
	List       string       `json:"list,omitempty" jsonschema_description:"l10n-changesets.json, a path in the main repository"`
	Repository string       `json:"repository,omitempty" jsonschema_description:"name of the repository with the translations; default l10n"`
	Directory  string       `json:"directory,omitempty" jsonschema_description:"of one locale in that repository; default {locale}"`
	Rules      []LocaleRule `json:"rules,omitempty" jsonschema_description:"which files of a package differ between locales"`
	// Retired keeps a locale that fell out of a list from taking its users' updates.
	Retired map[string]string `json:"retired,omitempty" jsonschema_description:"why a locale (nl), or a locale on a platform (nl/mac), is made no more; the preflight wants a reason for each that the last release had"`
}

// LocaleRule names files that a locale replaces. {locale} stands for the
// locale, which is en-US in a built package; one * or ** stands for the same
// text on both sides.
type LocaleRule struct {
	Source string `json:"source,omitempty" jsonschema_description:"in the locale's directory; default: target"`
	Target string `json:"target" jsonschema_description:"in a package, below the platform's resources directory"`
	Format string `json:"format" jsonschema:"enum=properties,enum=ini,enum=dtd,enum=ftl,enum=json,enum=copy,enum=replace" jsonschema_description:"how files are merged: strings that a locale lacks come from en-US; copy takes whole files, with en-US for missing ones; replace without"`
}

// Partners says which partner builds are made.
type Partners struct {
	Repository string   `json:"repository,omitempty" jsonschema_description:"name of the repository with the configurations; absent: no partner builds"`
	Directory  string   `json:"directory,omitempty" jsonschema_description:"that holds PARTNER/repack.cfg or PARTNER/CONFIG/repack.cfg; default desktop"`
	Only       []string `json:"only,omitempty" jsonschema_description:"default: all that are not oem"`
	Kinds      []string `json:"kinds,omitempty" jsonschema:"enum=release,enum=beta,enum=esr,enum=rc" jsonschema_description:"of version that partners get; default release and esr"`
}

// Signing names keys. A key is never in the file: each is a [Secret].
type Signing struct {
	OpenPGP      OpenPGP      `json:"openpgp,omitempty" jsonschema_description:"detached signatures and checksums"`
	MAR          MARKey       `json:"mar,omitempty" jsonschema_description:"signatures inside MARs"`
	Authenticode Authenticode `json:"authenticode,omitempty,omitzero" jsonschema_description:"signatures inside Windows programs"`
}

// OpenPGP is the key of detached signatures.
type OpenPGP struct {
	Key         Secret `json:"key,omitempty" jsonschema_description:"armoured secret key"`
	Passphrase  Secret `json:"passphrase,omitempty" jsonschema_description:"absent: the key has none"`
	Fingerprint string `json:"fingerprint,omitempty" jsonschema:"pattern=^[0-9A-Fa-f ]{40\\,60}$" jsonschema_description:"of the key or subkey that signs, all 40 hex digits"`
	Tags        bool   `json:"tags,omitempty" jsonschema_description:"sign tags too, with the same key"`
}

// MARKey is the RSA key of MAR signatures.
type MARKey struct {
	Key         Secret `json:"key,omitempty" jsonschema_description:"PEM private key"`
	Certificate string `json:"certificate,omitempty" jsonschema_description:"path of the PEM certificate that clients hold"`
}

// Authenticode is the key of signatures inside Windows programs; which programs
// is said by [Platform].
type Authenticode struct {
	Key         Secret   `json:"key,omitempty" jsonschema_description:"private key, RSA or ECDSA: PEM, or PKCS #12"`
	Passphrase  Secret   `json:"passphrase,omitempty" jsonschema_description:"of PKCS #12"`
	Signer      []string `json:"signer,omitempty" jsonschema_description:"instead of key: argument list of a program that signs with a key in hardware or elsewhere; it runs beside this file, reads the message from standard input, and prints the bare signature with SHA-256, as openssl dgst -sha256 -sign does"`
	Certificate string   `json:"certificate,omitempty" jsonschema_description:"path of the PEM certificate, those of its issuers behind it"`
	Timestamp   string   `json:"timestamp,omitempty" jsonschema_description:"URL of an RFC 3161 server; absent: the signatures end with the certificate, and are the same bytes each time"`
	Description string   `json:"description,omitempty" jsonschema_description:"name of the programs, as Windows shows it; default: display-name"`
	URL         string   `json:"url,omitempty" jsonschema_description:"a page about them"`
}

// Publish says where deliverables go.
type Publish struct {
	Directory string `json:"directory" jsonschema_description:"local directory; PRODUCT/candidates and PRODUCT/releases lie below it"`
	Private   string `json:"private,omitempty" jsonschema_description:"for builds of partners that are not public; default: directory with -private behind it"`

	Upload []string `json:"upload,omitempty" jsonschema_description:"argument list that brings {path}, a directory below {directory}, to the servers that users ask, such as [rsync, -a, --mkpath, --delete, \"{directory}/{path}/\", \"host:/srv/{path}/\"]; it has slipway's own environment and runs beside this file"`
}

// Mail says who is told of a release's turns.
type Mail struct {
	From  string              `json:"from,omitempty" jsonschema_description:"Name <address>"`
	Lists map[string][]string `json:"lists,omitempty" jsonschema_description:"addresses by audience: all, drivers, av-vendors"`
	Out   string              `json:"out,omitempty" jsonschema_description:"directory for .eml files, instead of smtp"`
	SMTP  *SMTP               `json:"smtp,omitempty"`
}

// SMTP is a server that takes mail.
type SMTP struct {
	Host     string `json:"host"`
	Port     int    `json:"port,omitempty" jsonschema_description:"default 587"`
	User     string `json:"user,omitempty"`
	Password Secret `json:"password,omitempty"`
}

// Chore is something that people do, and say that they did.
type Chore struct {
	Question string         `json:"question" jsonschema_description:"are the release notes published?"`
	Link     string         `json:"link,omitempty" jsonschema_description:"a page that says how"`
	Before   string         `json:"before,omitempty" jsonschema:"enum=go-to-build,enum=push,enum=ship" jsonschema_description:"the gate that waits for it; default ship"`
	Roles    map[string]int `json:"roles,omitempty" jsonschema_description:"who says so; default coordinator: 1"`
	Kinds    []string       `json:"kinds,omitempty" jsonschema:"enum=release,enum=beta,enum=esr,enum=rc" jsonschema_description:"of version that it is for; default all"`
}

// Roles are the people of each role.
type Roles map[string][]string

// Gates says who must agree at each gate, as role → how many different people.
type Gates struct {
	GoToBuild map[string]int `json:"go-to-build,omitempty"`
	QABuilds  map[string]int `json:"qa-builds,omitempty"`
	QAUpdates map[string]int `json:"qa-updates,omitempty"`
	Push      map[string]int `json:"push,omitempty"`
	Ship      map[string]int `json:"ship,omitempty"`
	Rollout   map[string]int `json:"rollout,omitempty" jsonschema_description:"before each share of a rollout but the first, which ship is for; default as ship"`
}
