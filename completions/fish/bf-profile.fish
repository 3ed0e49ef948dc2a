# fish completion for bf-profile; made by completions/generate
function __bf_profile_next
	set -l line (commandline -opc)
	set -l first add default doctor key list remove show words
	set -l next $first
	if command -q bf-profile
		set next (bf-profile words -- next bf-profile 'exchange rest ws coinm-rest coinm-ws wsapi coinm-wsapi sapi ca-file proxy key-file key-fd secret-cmd api-key generate type max-order-notional max-position-notional max-price-distance max-orders-per-minute symbols recv-window profile market o output fields jq' "$first" $line[2..-1] 2>/dev/null)
		or set next $first
	end
	printf '%s\n' $next
end
complete -c bf-profile -f -a '(__bf_profile_next)'
complete -c bf-profile -l exchange -x -a 'live demo' -d 'whose addresses: the exchange or its testnet'
complete -c bf-profile -l rest -x -d 'the address of another exchange, with --ws'
complete -c bf-profile -l ws -x -d 'of its streams'
complete -c bf-profile -l coinm-rest -x -d 'the same of COIN-M, with --coinm-ws'
complete -c bf-profile -l coinm-ws -x -d 'of its streams'
complete -c bf-profile -l wsapi -x -d 'of the WebSocket API'
complete -c bf-profile -l coinm-wsapi -x -d 'of that of COIN-M'
complete -c bf-profile -l sapi -x -d 'of spot REST, which tells what a key may do'
complete -c bf-profile -l ca-file -r -F -d 'certificates of an exchange on this machine'
complete -c bf-profile -l proxy -x -d 'go through this proxy: http://HOST:PORT'
complete -c bf-profile -l key-file -r -F -d 'the key stays in this file'
complete -c bf-profile -l key-fd -x -d 'read the key from descriptor N, and keep it'
complete -c bf-profile -l secret-cmd -x -d 'the secret is what this command prints'
complete -c bf-profile -l api-key -x -d 'the API key, where it is not with the secret'
complete -c bf-profile -l generate -x -d 'make a private key; print its public one'
complete -c bf-profile -l no-key -d 'keep none: BF_KEY_FD or the environment has it'
complete -c bf-profile -l type -x -a 'hmac rsa ed25519' -d 'what the key is to be'
complete -c bf-profile -l max-order-notional -x -d 'cap on one order, in the quote asset'
complete -c bf-profile -l max-position-notional -x -d 'cap on the position of a symbol'
complete -c bf-profile -l max-price-distance -x -d 'cap on how far from the mark price'
complete -c bf-profile -l max-orders-per-minute -x -d 'cap on how many orders'
complete -c bf-profile -l symbols -x -a '(bf-profile words symbols 2>/dev/null)' -d 'only these symbols: BTCUSDT,ETHUSDT'
complete -c bf-profile -l recv-window -x -d 'how long a request is good; default 5000'
complete -c bf-profile -l allow-withdrawals -d 'take a key that may withdraw'
complete -c bf-profile -l allow-any-ip -d 'take a key that is not bound to addresses'
complete -c bf-profile -l default -d 'use it where no profile is named'
complete -c bf-profile -l force -d 'write over a profile that is there'
complete -c bf-profile -l dry-run -d 'show what would be written, and write nothing'
complete -c bf-profile -l offline -d 'ask no exchange'
complete -c bf-profile -l yes -d 'remove without a question'
complete -c bf-profile -l no-input -d 'ask nothing, not even on a terminal'
complete -c bf-profile -l profile -x -a '(bf-profile words profiles 2>/dev/null)' -d 'the profile to use: live, demo, sim or your own'
complete -c bf-profile -l market -x -a 'usdm coinm' -d 'which futures; default usdm'
complete -c bf-profile -s o -l output -x -a 'table ndjson csv tsv' -d 'how to print; a table on a terminal, else ndjson'
complete -c bf-profile -l fields -x -d 'print these members only, in this order'
complete -c bf-profile -l jq -x -d 'run a jq filter on each record printed'
complete -c bf-profile -s h -l help -d 'show this help'
complete -c bf-profile -l version -d 'show the version'
complete -c bf-profile -l schema -d 'show a JSON Schema of the records it prints'
