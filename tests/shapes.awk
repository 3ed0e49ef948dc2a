# Of records, one a shape: FILE names give the program. Numbers, and strings that are no plain
# word, do not make a shape.
FNR == 1 { name = FILENAME; sub(/.*\//, "", name); sub(/[.].*/, "", name) }
!/^\{"/ || !/\}$/ { next }
{
	s = $0
	gsub(/\\"/, "", s)
	gsub(/"-?[0-9]+([.][0-9]+)?"/, "\"0\"", s)
	gsub(/:-?[0-9]+/, ":0", s)
	gsub(/0[.][0-9]+/, "0.0", s)
	gsub(/:"[^"]*[^A-Za-z_"][^"]*"/, ":\"?\"", s)
	gsub(/(\["0","0"\],?)+/, "[]", s)
	if (!((name, s) in seen)) {
		seen[name, s] = 1
		print name "\t" $0
	}
}
