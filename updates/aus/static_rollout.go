package aus

import (
	"fmt"
	"strings"
)

// rolloutShape is a shape with product, class and channel apart. Names, where
// given, are those of its groups.
func rolloutShape(n int, product, class, channel string) string {
	return fmt.Sprintf(`^/update/%d/(%s[^/]+)/(%s[^/]+/[^/]+/[^/]+/[^/]+)/(%s[^/]+?)(?:-cck-[^/]+)?%s/update\.xml$`,
		n, product, class, channel, strings.Repeat("/[^/]*", tails[n]))
}

// rolloutRules are for servers of products that are rolled out, instead of
// those of [rewriteRules]. They never change: a step of a rollout is files
// that appear, and no server is reloaded.
//
// A client has no name that it keeps, so its bucket is that of its address. Of
// an IPv6 address the first half counts: the second changes every day or so
// (RFC 8981), and with it, a share would become everybody within a week.
//
// Of a halt, force=1 and a bucket the first that is there decides. Where the
// rollout has no answer for a class, the live one holds.
func rolloutRules() []File {
	return []File{
		{"update/apache-rollout.conf", []byte(apacheRollout())},
		{"update/nginx-rollout-http.conf", []byte(nginxBuckets())},
		{"update/nginx-rollout.conf", []byte(nginxRollout())},
	}
}

// addressHalf matches the first 64 bits of an IPv6 address, unless "::" stands
// in them.
const addressHalf = "^((?:[0-9a-f]+:){4})"

func nginxBuckets() string {
	var b strings.Builder
	b.WriteString("# Include in the http block, beside nginx-rollout.conf in a server block. Behind a\n" +
		"# proxy, set_real_ip_from must tell whose address counts.\n")
	fmt.Fprintf(&b, "map $remote_addr $slipway_net {\n    default $remote_addr;\n    \"~%s\" $slipway_net64;\n}\n",
		strings.Replace(addressHalf, "^(", "^(?<slipway_net64>", 1))
	b.WriteString("split_clients $slipway_net $slipway_bucket {\n")
	for i := range buckets - 1 {
		fmt.Fprintf(&b, "    1%% %02d;\n", i)
	}
	fmt.Fprintf(&b, "    * %d;\n}\n", buckets-1)
	return b.String()
}

func nginxRollout() string {
	var b strings.Builder
	b.WriteString("# Include in a server block whose root holds the directories update/ and rollout/,\n" +
		"# instead of nginx.conf, with nginx-rollout-http.conf in the http block.\n")
	for n := 1; n < len(tails); n++ {
		fmt.Fprintf(&b, "location ~ \"%s\" {\n    rewrite ^ /slipway-answer last;\n}\n",
			rolloutShape(n, "?<slipway_product>", "?<slipway_class>", "?<slipway_channel>"))
	}
	const at = "$document_root/rollout/$slipway_product/$slipway_channel/"
	const live = "/update/$slipway_product/$slipway_class/$slipway_channel/update.xml /" + noUpdate
	b.WriteString("location = /slipway-answer {\n    internal;\n")
	for _, rule := range []struct{ when, to string }{
		{"(-f \"" + at + HaltedFile + "\")", "live"},
		{"($arg_force = 1)", "new"},
		{"(-f \"" + at + "$slipway_bucket\")", "new"},
	} {
		fmt.Fprintf(&b, "    if %s {\n        rewrite ^ /slipway-%s last;\n    }\n", rule.when, rule.to)
	}
	b.WriteString("    rewrite ^ /slipway-live last;\n}\n")
	for _, answer := range []struct{ name, files string }{
		{"new", "/rollout/$slipway_product/$slipway_channel/" + AnswersDir + "/$slipway_class/update.xml " + live},
		{"live", live},
	} {
		fmt.Fprintf(&b, "location = /slipway-%s {\n    internal;\n    default_type text/xml;\n    add_header Cache-Control private;\n    try_files %s =404;\n}\n",
			answer.name, answer.files)
	}
	return b.String()
}

// apacheRollout: a bucket is the first two decimal digits of an MD5, which are
// each as likely as any.
func apacheRollout() string {
	var b strings.Builder
	b.WriteString("# Include in a virtual host whose document root holds the directories update/ and\n" +
		"# rollout/, instead of apache.conf. Behind a proxy, mod_remoteip must tell whose\n# address counts.\n")
	b.WriteString("RewriteEngine On\n")
	b.WriteString("RewriteRule \"^/update/\" \"-\" [E=SLIPWAY_NET:%{REMOTE_ADDR}]\n")
	fmt.Fprintf(&b, "RewriteCond %%{REMOTE_ADDR} \"%s\"\nRewriteRule \"^/update/\" \"-\" [E=SLIPWAY_NET:%%1]\n", addressHalf)
	b.WriteString("RewriteCond expr \"md5(reqenv('SLIPWAY_NET')) =~ /^[a-f]*([0-9])[a-f]*([0-9])/\"\n")
	b.WriteString("RewriteRule \"^/update/\" \"-\" [E=SLIPWAY_BUCKET:%1%2]\n")
	const at = "%{DOCUMENT_ROOT}/rollout/$1/$3/"
	for n := 1; n < len(tails); n++ {
		re := rolloutShape(n, "", "", "")
		fmt.Fprintf(&b, "RewriteCond %s%s !-f\n", at, HaltedFile)
		fmt.Fprintf(&b, "RewriteCond %s%s/$2/update.xml -f\n", at, AnswersDir)
		b.WriteString("RewriteCond %{QUERY_STRING} \"(?:^|&)force=1(?:&|$)\" [OR]\n")
		fmt.Fprintf(&b, "RewriteCond %s%%{ENV:SLIPWAY_BUCKET} -f\n", at)
		fmt.Fprintf(&b, "RewriteRule \"%s\" \"/rollout/$1/$3/%s/$2/update.xml\" [L,T=text/xml]\n", re, AnswersDir)
		fmt.Fprintf(&b, "RewriteCond %%{DOCUMENT_ROOT}/update/$1/$2/$3/update.xml -f\n")
		fmt.Fprintf(&b, "RewriteRule \"%s\" \"/update/$1/$2/$3/update.xml\" [L,T=text/xml]\n", re)
		fmt.Fprintf(&b, "RewriteRule \"%s\" \"/%s\" [L,T=text/xml]\n", re, noUpdate)
	}
	b.WriteString("<IfModule mod_headers.c>\n    Header set Cache-Control private \"expr=%{REQUEST_URI} =~ m#^/(update|rollout)/#\"\n</IfModule>\n")
	return b.String()
}
