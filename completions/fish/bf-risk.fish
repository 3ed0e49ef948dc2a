# fish completion for bf-risk; made by completions/generate
function __bf_risk_next
	set -l line (commandline -opc)
	set -l first explain replay
	set -l next $first
	if command -q bf-profile
		set next (bf-profile words -- next bf-risk 'rules max-lev target-lev max-order-notional max-position-notional daily-loss limit on-breach cost asset every max-age log from n profile market o output fields jq' "$first" $line[2..-1] 2>/dev/null)
		or set next $first
	end
	printf '%s\n' $next
end
complete -c bf-risk -a '(__bf_risk_next)'
complete -c bf-risk -l rules -r -F -d 'the rules; options may only tighten them'
complete -c bf-risk -l max-lev -x -d 'maximum effective leverage of the account'
complete -c bf-risk -l target-lev -x -d 'what a reduction leads to; default 95 %'
complete -c bf-risk -l max-order-notional -x -d 'maximum notional of one order'
complete -c bf-risk -l max-position-notional -x -d 'maximum notional of one position'
complete -c bf-risk -l daily-loss -x -d 'maximum loss of a day'
complete -c bf-risk -l limit -x -d 'tighten any rule; may be repeated'
complete -c bf-risk -l on-breach -x -a 'reject clip' -d 'what an intent too large becomes'
complete -c bf-risk -l cost -x -d 'fee and spread, basis points; default 10'
complete -c bf-risk -l asset -x -a '(bf-profile words assets 2>/dev/null)' -d 'of this margin asset only'
complete -c bf-risk -l every -x -d 'how often the account is read; default 2'
complete -c bf-risk -l max-age -x -d 'how old a mark price may be; default 10'
complete -c bf-risk -l log -r -F -d 'append each decision, with all it rests on'
complete -c bf-risk -l check -d 'show the rules that hold, and stop'
complete -c bf-risk -l from -r -F -d 'replay: recorded answers; may be repeated'
complete -c bf-risk -l all -d 'replay: what is decided alike, too'
complete -c bf-risk -l n -x -d 'explain: this decision alone'
complete -c bf-risk -l profile -x -a '(bf-profile words profiles 2>/dev/null)' -d 'the profile to use: live, demo, sim or your own'
complete -c bf-risk -l market -x -a 'usdm coinm' -d 'which futures; default usdm'
complete -c bf-risk -s o -l output -x -a 'table ndjson csv tsv' -d 'how to print; a table on a terminal, else ndjson'
complete -c bf-risk -l fields -x -d 'print these members only, in this order'
complete -c bf-risk -l jq -x -d 'run a jq filter on each record printed'
complete -c bf-risk -s h -l help -d 'show this help'
complete -c bf-risk -l version -d 'show the version'
complete -c bf-risk -l schema -d 'show a JSON Schema of the records it prints'
