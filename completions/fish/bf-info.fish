# fish completion for bf-info; made by completions/generate
function __bf_info_next
	set -l line (commandline -opc)
	set -l first adl aggTrades assetIndex basis book bookTicker brackets constituents continuousKlines deliveryPrice fees filters funding fundingRate globalLongShortAccountRatio historicalTrades indexInfo indexPriceKlines insurance klines limits mark markPriceKlines openInterest openInterestHist premiumIndexKlines price schedule symbols takerRatio ticker topLongShortAccountRatio topLongShortPositionRatio trades tradingStatus watch
	set -l next $first
	if command -q bf-profile
		set next (bf-profile words -- next bf-info 'status type quote limit since until period contract save every count profile market o output fields jq' "$first" $line[2..-1] 2>/dev/null)
		or set next $first
	end
	printf '%s\n' $next
end
complete -c bf-info -f -a '(__bf_info_next)'
complete -c bf-info -l refresh -d 'ask for the rules again; ignore the cache'
complete -c bf-info -l status -x -d 'only contracts in this state, as TRADING'
complete -c bf-info -l type -x -d 'only contracts of this type: PERPETUAL, ...'
complete -c bf-info -l quote -x -d 'only contracts quoted in this asset'
complete -c bf-info -l limit -x -d 'how many: levels of a book, trades, rows'
complete -c bf-info -l since -x -d 'from then on: 2024-01-01, 2024-01-01T12:00Z, -7d'
complete -c bf-info -l until -x -d 'up to then; default now'
complete -c bf-info -l period -x -d 'of the statistics: 5m (default), 15m, 30m, ... 1d'
complete -c bf-info -l contract -x -d 'of a pair: PERPETUAL, CURRENT_QUARTER, NEXT_QUARTER'
complete -c bf-info -l save -r -F -d 'add to this file what it does not have yet'
complete -c bf-info -l plot -r -F -d 'draw in the terminal, or into a PNG or SVG file'
complete -c bf-info -l watch -d 'of what asks once: ask again and again'
complete -c bf-info -l every -x -d 'how often; default 2, of the verb watch 60'
complete -c bf-info -l count -x -d 'with --watch, of the verb watch: end after N rounds'
complete -c bf-info -l profile -x -a '(bf-profile words profiles 2>/dev/null)' -d 'the profile to use: live, demo, sim or your own'
complete -c bf-info -l market -x -a 'usdm coinm' -d 'which futures; default usdm'
complete -c bf-info -s o -l output -x -a 'table ndjson csv tsv' -d 'how to print; a table on a terminal, else ndjson'
complete -c bf-info -l fields -x -d 'print these members only, in this order'
complete -c bf-info -l jq -x -d 'run a jq filter on each record printed'
complete -c bf-info -s h -l help -d 'show this help'
complete -c bf-info -l version -d 'show the version'
complete -c bf-info -l schema -d 'show a JSON Schema of the records it prints'
