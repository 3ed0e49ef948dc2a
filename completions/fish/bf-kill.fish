# fish completion for bf-kill; made by completions/generate
function __bf_kill_next
	set -l line (commandline -opc)
	set -l first drill
	set -l next $first
	if command -q bf-profile
		set next (bf-profile words -- next bf-kill 'reason level symbol position-side when on-eof deadman max-time journal lag-budget positions sim profile market o output fields jq' "$first" $line[2..-1] 2>/dev/null)
		or set next $first
	end
	printf '%s\n' $next
end
complete -c bf-kill -f -a '(__bf_kill_next)'
complete -c bf-kill -l reason -x -d 'why; kept in the latch, and of --reset in its log'
complete -c bf-kill -l level -x -a 'block cancel flatten' -d 'how far to go; default flatten'
complete -c bf-kill -l latch-only -d '--level block'
complete -c bf-kill -l cancel-only -d '--level cancel'
complete -c bf-kill -l symbol -x -a '(bf-profile words symbols 2>/dev/null)' -d 'of this symbol only; may be given several times'
complete -c bf-kill -l position-side -x -a 'long short' -d 'of this side only'
complete -c bf-kill -l when -x -d 'wait for a record this jq filter is true of'
complete -c bf-kill -l on-eof -x -a 'trip exit' -d 'at the end of standard input; default exit'
complete -c bf-kill -l deadman -x -d 'keep the exchange\'s countdown alive'
complete -c bf-kill -l disarm -d 'end that countdown when bf-kill ends'
complete -c bf-kill -l status -d 'show the latches; exit 6 if one is set'
complete -c bf-kill -l reset -d 'clear the latch; needs --reason'
complete -c bf-kill -l max-time -x -d 'time for the whole run; default 30'
complete -c bf-kill -l journal -r -F -d 'use this journal instead of the profile\'s own'
complete -c bf-kill -l lag-budget -x -d 'how far reads may lag behind; default 10000'
complete -c bf-kill -l positions -x -d 'of a drill: how many positions; default 20'
complete -c bf-kill -l sim -x -d 'of a drill: the bf-sim; default the one beside it'
complete -c bf-kill -l profile -x -a '(bf-profile words profiles 2>/dev/null)' -d 'the profile to use: live, demo, sim or your own'
complete -c bf-kill -l market -x -a 'usdm coinm' -d 'which futures; default usdm'
complete -c bf-kill -s o -l output -x -a 'table ndjson csv tsv' -d 'how to print; a table on a terminal, else ndjson'
complete -c bf-kill -l fields -x -d 'print these members only, in this order'
complete -c bf-kill -l jq -x -d 'run a jq filter on each record printed'
complete -c bf-kill -s h -l help -d 'show this help'
complete -c bf-kill -l version -d 'show the version'
complete -c bf-kill -l schema -d 'show a JSON Schema of the records it prints'
