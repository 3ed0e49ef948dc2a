# fish completion for bf-stream; made by completions/generate
function __bf_stream_next
	set -l line (commandline -opc)
	set -l first aggTrade assetIndex bookTicker compositeIndex continuousKline_1m contractInfo depth depth10 depth20 depth5 forceOrder indexPrice indexPriceKline_1m kline_1m markPrice markPriceKline_1m miniTicker pairMarkPrice rpiDepth ticker trade tradingSession user
	set -l next $first
	if command -q bf-profile
		set next (bf-profile words -- next bf-stream 'count symbols-from book interval when-slow buffer max-lag lag-exit max-silence renew record rotate replay speed snapshot profile market o output fields jq' "$first" $line[2..-1] 2>/dev/null)
		or set next $first
	end
	printf '%s\n' $next
end
complete -c bf-stream -f -a '(__bf_stream_next)'
complete -c bf-stream -l count -x -d 'stop after N records, the toolkit\'s own not counted'
complete -c bf-stream -l symbols-from -r -F -d 'read symbols from FILE too, - is standard input'
complete -c bf-stream -l book -x -d 'keep the local book and print its N best levels'
complete -c bf-stream -l interval -x -d 'print a book no more often than that'
complete -c bf-stream -l when-slow -x -a 'conflate buffer drop stop' -d 'what to do when the reader is slow'
complete -c bf-stream -l buffer -x -d 'what may wait for a slow reader; default 64M'
complete -c bf-stream -l max-lag -x -d 'tell of records later than that; default 2000'
complete -c bf-stream -l lag-exit -x -d 'end when records, or the reader, are so late'
complete -c bf-stream -l max-silence -x -d 'tell of streams silent for longer than that'
complete -c bf-stream -l renew -x -d 'replace a connection after so long; default 23 h'
complete -c bf-stream -l record -r -F -d 'keep what is received in FILE'
complete -c bf-stream -l rotate -x -d 'a new part at 64M,1h or such; compress the old'
complete -c bf-stream -l replay -r -F -d 'play what was recorded, instead of connecting'
complete -c bf-stream -l speed -x -d 'so many times as fast; default 1'
complete -c bf-stream -l snapshot -r -F -d 'begin a book with this depth answer; or SYMBOL=FILE'
complete -c bf-stream -l profile -x -a '(bf-profile words profiles 2>/dev/null)' -d 'the profile to use: live, demo, sim or your own'
complete -c bf-stream -l market -x -a 'usdm coinm' -d 'which futures; default usdm'
complete -c bf-stream -s o -l output -x -a 'table ndjson csv tsv' -d 'how to print; a table on a terminal, else ndjson'
complete -c bf-stream -l fields -x -d 'print these members only, in this order'
complete -c bf-stream -l jq -x -d 'run a jq filter on each record printed'
complete -c bf-stream -s h -l help -d 'show this help'
complete -c bf-stream -l version -d 'show the version'
complete -c bf-stream -l schema -d 'show a JSON Schema of the records it prints'
