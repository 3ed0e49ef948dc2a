# Of secrets, a line each, what they look like: plain, hexadecimal, base64 at each of the three
# places that a text may have in it, percent-encoded.
BEGIN {
	digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i
}
# Without what depends on the bytes before and after.
function base64(s, skip,    i, n, v, out) {
	s = substr(s, skip + 1)
	n = int(length(s) / 3) * 3
	for (i = 1; i <= n; i += 3) {
		v = code[substr(s, i, 1)] * 65536 + code[substr(s, i + 1, 1)] * 256 + code[substr(s, i + 2, 1)]
		out = out substr(digits, int(v / 262144) + 1, 1) substr(digits, int(v / 4096) % 64 + 1, 1) \
		    substr(digits, int(v / 64) % 64 + 1, 1) substr(digits, v % 64 + 1, 1)
	}
	return out
}
{
	hex = upper = percent = ""
	for (i = 1; i <= length($0); i++) {
		c = substr($0, i, 1)
		hex = hex sprintf("%02x", code[c])
		upper = upper sprintf("%02X", code[c])
		percent = percent (c ~ /[A-Za-z0-9._~-]/ ? c : sprintf("%%%02X", code[c]))
	}
	print; print hex; print upper; print percent
	for (i = 0; i < 3; i++) print base64($0, i)
}
