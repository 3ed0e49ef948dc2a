# fish completion for bf-order; made by completions/generate
function __bf_order_next
	set -l line (commandline -opc)
	set -l first buy cancel cancel-all fills history journal modify open query recover sell
	set -l next $first
	if command -q bf-profile
		set next (bf-profile words -- next bf-order 'tif position-side client-id trigger-price working-type activate-price callback-rate price-match stp good-till response modify-id via max-in-flight batch wait prefix since until limit every count journal timeout resolve-timeout lag-budget profile market o output fields jq' "$first" $line[2..-1] 2>/dev/null)
		or set next $first
	end
	printf '%s\n' $next
end
complete -c bf-order -f -a '(__bf_order_next)'
complete -c bf-order -l tif -x -a 'GTC IOC FOK GTX GTD RPI' -d 'GTC (default), IOC, FOK, GTX, GTD, RPI'
complete -c bf-order -l post-only -d 'the order may only be maker (GTX)'
complete -c bf-order -l reduce-only -d 'the order may only shrink a position'
complete -c bf-order -l close-position -d 'instead of a quantity: the whole position'
complete -c bf-order -l position-side -x -a 'LONG SHORT' -d 'LONG or SHORT; the account\'s mode is asked for'
complete -c bf-order -l client-id -x -d 'client order id; default a new one'
complete -c bf-order -l trigger-price -x -d 'the price that triggers a conditional order'
complete -c bf-order -l working-type -x -a 'mark contract' -d 'which price triggers: mark or contract (default)'
complete -c bf-order -l price-protect -d 'no trigger while mark and last are far apart'
complete -c bf-order -l activate-price -x -d 'where a trailing stop begins to follow'
complete -c bf-order -l callback-rate -x -d 'how far a trailing stop stays behind'
complete -c bf-order -l price-match -x -a 'OPPONENT OPPONENT_5 OPPONENT_10 OPPONENT_20 QUEUE QUEUE_5 QUEUE_10 QUEUE_20' -d 'price from the book: OPPONENT, QUEUE_5, ...'
complete -c bf-order -l stp -x -a 'NONE EXPIRE_TAKER EXPIRE_MAKER EXPIRE_BOTH' -d 'self-trade prevention, such as EXPIRE_MAKER'
complete -c bf-order -l good-till -x -d 'end of a GTD order: ms, or 90m, 12h, 3d from now'
complete -c bf-order -l response -x -a 'ACK RESULT' -d 'ACK or RESULT; default RESULT of market, IOC, FOK'
complete -c bf-order -l modify-id -x -d 'a number of your own for a modification'
complete -c bf-order -l algo -d 'the id is of a conditional order'
complete -c bf-order -l dry-run -d 'show the request and its cost, and send nothing'
complete -c bf-order -l test -d 'let the exchange check new orders, and place none'
complete -c bf-order -l round -d 'round quantities down and prices to the safe side'
complete -c bf-order -l pass -d 'also print the records that are not intents'
complete -c bf-order -l via -x -a 'rest ws auto' -d 'auto: ws if the key can log on, else rest'
complete -c bf-order -l max-in-flight -x -d 'requests under way at a time; default 4'
complete -c bf-order -l batch -x -d 'orders in one request at most, 1 to 5; default 5'
complete -c bf-order -l batch-any -d 'batch orders of one symbol too, in any order'
complete -c bf-order -l wait -x -d 'longest wait for a limit; default 10000 in a pipe'
complete -c bf-order -l mine -d 'lists, cancel-all: only orders named by bf-order'
complete -c bf-order -l prefix -x -d 'lists, cancel-all: only client ids that begin so'
complete -c bf-order -l since -x -d 'history, fills: from then on; default 7 days ago'
complete -c bf-order -l until -x -d 'history, fills: up to then; default now'
complete -c bf-order -l limit -x -d 'history, fills: the last N; with --since, first N'
complete -c bf-order -l watch -d 'open: list again and again'
complete -c bf-order -l every -x -d 'with --watch: how often; default 2'
complete -c bf-order -l count -x -d 'with --watch: end after N rounds'
complete -c bf-order -l journal -r -F -d 'use this journal instead of the profile\'s own'
complete -c bf-order -l no-sync -d 'no wait for the disk: a power cut loses intents'
complete -c bf-order -l timeout -x -d 'time for one request; default 5000'
complete -c bf-order -l resolve-timeout -x -d 'how long to look up what is unknown; default 30'
complete -c bf-order -l lag-budget -x -d 'how far reads may lag behind; default 10000'
complete -c bf-order -l profile -x -a '(bf-profile words profiles 2>/dev/null)' -d 'the profile to use: live, demo, sim or your own'
complete -c bf-order -l market -x -a 'usdm coinm' -d 'which futures; default usdm'
complete -c bf-order -s o -l output -x -a 'table ndjson csv tsv' -d 'how to print; a table on a terminal, else ndjson'
complete -c bf-order -l fields -x -d 'print these members only, in this order'
complete -c bf-order -l jq -x -d 'run a jq filter on each record printed'
complete -c bf-order -s h -l help -d 'show this help'
complete -c bf-order -l version -d 'show the version'
complete -c bf-order -l schema -d 'show a JSON Schema of the records it prints'
