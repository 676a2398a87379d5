package aus

import (
	"fmt"
	"strings"
)

// The six shapes of URL that clients have asked since Firefox 1.5: all begin
// with /update/N/product/version/buildID/buildTarget/locale/channel, and shape
// N has so many parts behind that, before update.xml:
//
//	2  osVersion
//	3  osVersion distribution distVersion
//	4  as 3, platformVersion
//	5  as 4, IMEI
//	6  osVersion systemCapabilities distribution distVersion
var tails = [...]int{1: 0, 2: 1, 3: 3, 4: 4, 5: 5, 6: 4}

// shapeRegexp matches the path of a shape. Its first group is what leads to
// our file, its second the channel without what a partner's build appends
// ("release-cck-acme" is served what release is).
func shapeRegexp(n int) string {
	return fmt.Sprintf(`^/update/%d/([^/]+/[^/]+/[^/]+/[^/]+/[^/]+)/([^/]+?)(?:-cck-[^/]+)?%s/update\.xml$`,
		n, strings.Repeat("/[^/]*", tails[n]))
}

// rewriteRules let a plain web server whose document root holds update/ answer
// all shapes. The query (force=1 and the like) plays no part: a file cannot
// throttle.
func rewriteRules() []File {
	var nginx, apache strings.Builder
	nginx.WriteString("# Include in a server block whose root holds the directory update/.\n")
	apache.WriteString("# Include in a virtual host whose document root holds the directory update/.\nRewriteEngine On\n")
	for n := 1; n < len(tails); n++ {
		re := shapeRegexp(n)
		fmt.Fprintf(&nginx, "location ~ \"%s\" {\n    default_type text/xml;\n    try_files /update/$1/$2/update.xml /%s =404;\n}\n", re, noUpdate)
		fmt.Fprintf(&apache, "RewriteCond %%{REQUEST_URI} \"%s\"\nRewriteCond %%{DOCUMENT_ROOT}/update/%%1/%%2/update.xml -f\n", re)
		fmt.Fprintf(&apache, "RewriteRule \"%s\" \"/update/$1/$2/update.xml\" [L,T=text/xml]\n", re)
		fmt.Fprintf(&apache, "RewriteRule \"%s\" \"/%s\" [L,T=text/xml]\n", re, noUpdate)
	}
	return []File{
		{"update/apache.conf", []byte(apache.String())},
		{"update/nginx.conf", []byte(nginx.String())},
	}
}
