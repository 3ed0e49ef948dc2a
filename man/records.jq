# The schemas of all programs as sections of bf-records.5.

def text: gsub("\\\\"; "\\e") | gsub("[.] (?<c>[A-Z])"; ".\n\(.c)") | gsub("\""; "\\(dq");
def name: "\\&" + gsub("\\."; ".\\&");

# One sentence of words, so that no line begins with a full stop.
def kind:
	if .enum != null then .enum | map(select(. != null)) | join(", ")
	elif .["$comment"] == "ms" then "ms"
	elif .type == null then "any value"
	elif (.type | type) == "array" and (.type | index(["string", "number"])) then "decimal, as string or number"
	elif (.pattern // "") | startswith("^(") then "decimal string or \"\""
	elif .pattern != null then "decimal string"
	else .type | if type == "array" then .[0] else . end
		| {"boolean": "true or false", "array": "list"}[.] // .
	end;
def null_too: if ((.type | type) == "array" and (.type | index(["null"]))) or ((.enum // []) | any(.[]; . == null)) then " or null" else "" end;

# Of an object: a row for each member, and then those within it.
def members($s; $at):
	$s.properties // {} | to_entries[] | .key as $k | .value as $m |
	select($k != "e" and $m.not == null and $m.const == null and $m.description != null) |
	(if ($s.required // []) | index([$k]) then "" else "; optional" end) as $there |
	".It Ic \($at + $k | name) No (\($m | kind | text)\($m | null_too)\($there))",
	($m.description | text),
	members($m; $at + $k + "."),
	(if ($m.items.properties // {}) != {} then members($m.items; $at + $k + "[].") else empty end);

def marks: [.properties | to_entries[] | select(.value.const != null or (.value.description == null and .value.enum != null)) |
	"\(.key) \([.value.const // .value.enum[]] | join(", "))"] | join("; ");

def section: {notice: "NOTICES", report: "REPORTS", result: "RESULTS", intent: "INTENTS", market: "MARKET EVENTS",
	account: "ACCOUNT EVENTS", answer: "ANSWERS TO BF-INFO"};

[.[] | (.title | ltrimstr("records of ")) as $tool | .["$defs"] | to_entries[] | select(.key != "passed") |
	.value + {tool: $tool}] as $all |
(section | to_entries[]) as $f |
".Sh \($f.value)",
(reduce ($all[] | select(.["$comment"] == $f.key)) as $d ([];
	if any(.[]; .title == $d.title) then map(if .title == $d.title then .tools += [$d.tool] else . end)
	else . + [$d + {tools: [$d.tool]}] end) | .[] |
	".Ss \(.title | name)",
	(.description | text),
	(marks | select(. != "") | "Known by:", text + "."),
	"Written by",
	(.tools | to_entries[] as $t | ".Xr \($t.value) 1 \(if $t.key == length - 1 then "." else "," end)"),
	(select(.properties | any(.[]; .description != null)) |
		".Bl -tag -width Ds -compact", members(.; ""), ".El"))
