# What tests/schema.py does, where there is no python3-jsonschema: the keywords that our schemas
# use, by our own hand. $known: the schemas; $short: true for --short. Lines of "PROGRAM<tab>RECORD" in, violations out.

def kind: if type != "number" then type elif . == floor then "integer" else "number" end;
def list: if type == "array" then . else [.] end;
def is($types): kind as $k | $types | list | any(.[]; . == $k or (. == "number" and $k == "integer"));

# [keyword, sentence] of each that does not hold.
def errors($s; $at):
	. as $v |
	if $s == {} then empty
	elif $s.not != null then ["not", "\($at): must not be there"]
	elif $s.type != null and (is($s.type) | not) then ["type", "\($at): is no \($s.type | list | join(" or "))"]
	elif ($s | has("const")) and $v != $s.const then ["const", "\($at): is not \($s.const)"]
	elif $s.enum != null and ($s.enum | index([$v]) | not) then ["enum", "\($at): is none of \($s.enum | tojson)"]
	elif $s.pattern != null and type == "string" and (test($s.pattern) | not) then ["pattern", "\($at): is not of its form"]
	elif $s.minimum != null and type == "number" and . < $s.minimum then ["minimum", "\($at): is too small"]
	elif type == "object" then
		(($s.required // [])[] | . as $k | select($v | has($k) | not) | ["required", "\($at): has no \($k)"]),
		(keys_unsorted[] | . as $k |
			if $s.properties[$k] != null then $v[$k] | errors($s.properties[$k]; "\($at).\($k)")
			elif $s.additionalProperties == false then ["additionalProperties", "\($at): has \($k)"]
			else empty end)
	elif type == "array" and $s.items != null then .[] | errors($s.items; "\($at)[]")
	else empty end;

def mark: .properties.e // {} | .enum // (if has("const") then [.const] else [] end);

def judge($program; $defs; $text):
	. as $r |
	if ($defs | has("passed")) and .e != null and .by != $program and
	    (.by != null or .e == "bf.reject" or .e == "bf.risk") then empty
	elif .e == null and $short then empty
	else
		[$defs | to_entries[] | select(.key != "passed") | .value |
			select(if $r.e == null then .properties.e.not != null else mark | index([$r.e]) end) | . as $d |
			[$r | errors($d; "") | select($short and ($d["$comment"] | . == "market" or . == "account") and .[0] == "required" | not)] |
			{name: $d.title, wrong: .}] as $tried |
		if any($tried[]; .wrong == []) then empty
		elif $tried != [] then
			$tried | min_by(.wrong | length) | "\($program)\t\(.name)\t\(.wrong | map(.[1]) | .[:4] | join("; "))\t\($text[:300])"
		elif ($defs | has("passed") | not) and (.e | tostring | startswith("bf.")) then
			"\($program)\t\(.e)\tno schema of this program has it\t\($text[:300])"
		else empty end
	end;

($known | map({key: (.title | ltrimstr("records of ")), value: .["$defs"]}) | from_entries) as $programs |
inputs | index("\t") as $i | .[:$i] as $program | .[$i + 1:] as $text |
($text | fromjson? // null) | select(type == "object") | judge($program; $programs[$program]; $text)
