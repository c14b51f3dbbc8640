# Makes C of codepages.tsv:  awk -v out=tags -f codepages.awk codepages.tsv  (the enum)
#                            awk -v out=data -f codepages.awk codepages.tsv  (PAGE and TAG lines for codepage.c)
# Plain POSIX awk, so that a build needs nothing more. A row that breaks a rule ends the build with its line number.
BEGIN {
	FS = "\t"
	versions = split("2.5 12.0 12.1 14.0 14.1 16.0 16.1", text, " ")
	for (i = 1; i <= versions; i++) {
		order[text[i]] = i
		name = text[i]
		sub(/\./, "_", name)
		enumerator[i] = "EAS_" name
	}
	print "/* Made from codepages.tsv by codepages.awk. */"
	if (out == "tags")
		print "#ifndef WBXML_CODEPAGE_TAGS_H\n#define WBXML_CODEPAGE_TAGS_H\n\nenum wbxml_tag {"
}

function refuse(why)
{
	printf "%s:%d: %s: %s\n", FILENAME, FNR, why, $0 > "/dev/stderr"
	failed = 1
	exit 1
}

/^#/ { next }

{
	if (NF != 6 || $1 !~ /^[0-9]+$/ || $3 !~ /^0x[0-3][0-9A-F]$/ || $2 $4 !~ /^[A-Za-z0-9]+$/)
		refuse("not page, namespace, token, tag, versions, content")
	if ($1 > 255 || $3 < "0x05")
		refuse("page or token out of range")
	n = split($5, range, "-")
	first = order[range[1]]
	last = order[range[n]]
	if (n > 2 || !first || !last || first > last)
		refuse("bad versions")
	if ($6 != "string" && $6 != "binary")
		refuse("content is string or binary")
	id = toupper("TAG_" $2 "_" $4)
	if (id in seen || ($1, $3) in seen || ($1 in space && space[$1] != $2))
		refuse("named twice")
	seen[id] = seen[$1, $3] = 1
	if (out == "tags") {
		printf "\t%s = 0x%02X%s,\n", id, $1, substr($3, 3)
		next
	}
	if (!($1 in space))
		printf "PAGE(%d, \"%s\")\n", $1, $2
	space[$1] = $2
	printf "TAG(%d, %s, \"%s\", %s, %s, %s)\n", $1, $3, $4, enumerator[first], enumerator[last], \
		$6 == "binary" ? "true" : "false"
}

END {
	if (!failed && out == "tags")
		print "};\n\n#endif"
}
