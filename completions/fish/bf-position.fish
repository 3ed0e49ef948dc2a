# fish completion for bf-position; made by completions/generate
function __bf_position_next
	set -l line (commandline -opc)
	set -l first balances calc carry ensure equity funding history leverage margin margin-type mode multi-assets what-if
	set -l next $first
	if command -q bf-profile
		set next (bf-profile words -- next bf-position 'from leverage margin-type position-side since until asset entry mark wallet fee funding hours size brackets profile market o output fields jq' "$first" $line[2..-1] 2>/dev/null)
		or set next $first
	end
	printf '%s\n' $next
end
complete -c bf-position -f -a '(__bf_position_next)'
complete -c bf-position -l watch -d 'keep showing, by records on standard input'
complete -c bf-position -l from -r -F -d 'recorded answers, not the exchange; may be repeated'
complete -c bf-position -l compare -d 'with --from: each figure as told and as computed'
complete -c bf-position -l leverage -x -d 'of ensure, calc, what-if'
complete -c bf-position -l margin-type -x -a 'isolated crossed' -d 'of ensure, calc, what-if'
complete -c bf-position -l position-side -x -a 'long short' -d 'which leg, in hedge mode'
complete -c bf-position -l dry-run -d 'show what would be, and change nothing'
complete -c bf-position -l reduce-only -d 'what-if: the order may only shrink a position'
complete -c bf-position -l since -x -d 'from then on: 2024-01-01, 2024-01-01T12:00Z, -7d'
complete -c bf-position -l until -x -d 'up to then; default now'
complete -c bf-position -l asset -x -a '(bf-profile words assets 2>/dev/null)' -d 'of this margin asset only'
complete -c bf-position -l plot -r -F -d 'equity: draw in the terminal, or a PNG or SVG file'
complete -c bf-position -l entry -x -d 'calc: the entry price'
complete -c bf-position -l mark -x -d 'calc, what-if: the mark price'
complete -c bf-position -l wallet -x -d 'calc: the wallet behind the position'
complete -c bf-position -l fee -x -d 'calc, what-if: the fee in basis points'
complete -c bf-position -l funding -x -d 'calc: the funding rate, 0.0001 being 0.01 %'
complete -c bf-position -l hours -x -d 'how long it is held, for funding'
complete -c bf-position -l inverse -d 'calc: contracts of a size in USD, margined in coin'
complete -c bf-position -l size -x -d 'calc: of an inverse contract; 100 of BTC, else 10'
complete -c bf-position -l brackets -r -F -d 'calc: a leverageBracket answer'
complete -c bf-position -l profile -x -a '(bf-profile words profiles 2>/dev/null)' -d 'the profile to use: live, demo, sim or your own'
complete -c bf-position -l market -x -a 'usdm coinm' -d 'which futures; default usdm'
complete -c bf-position -s o -l output -x -a 'table ndjson csv tsv' -d 'how to print; a table on a terminal, else ndjson'
complete -c bf-position -l fields -x -d 'print these members only, in this order'
complete -c bf-position -l jq -x -d 'run a jq filter on each record printed'
complete -c bf-position -s h -l help -d 'show this help'
complete -c bf-position -l version -d 'show the version'
complete -c bf-position -l schema -d 'show a JSON Schema of the records it prints'
