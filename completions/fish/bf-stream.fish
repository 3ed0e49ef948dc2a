# fish completion for bf-stream; made by completions/generate
complete -c bf-stream -f
complete -c bf-stream -l count -x -d 'stop after N records, bf.conn not counted'
complete -c bf-stream -l profile -x -a 'live demo sim' -d 'the profile to use: live, demo, sim or your own'
complete -c bf-stream -l market -x -a 'usdm coinm' -d 'which futures; default usdm'
complete -c bf-stream -s o -l output -x -a 'table ndjson' -d 'how to print; a table on a terminal, else ndjson'
complete -c bf-stream -l jq -x -d 'run a jq filter on each record printed'
complete -c bf-stream -s h -l help -d 'show this help'
complete -c bf-stream -l version -d 'show the version'
complete -c bf-stream -a 'aggTrade bookTicker depth markPrice'
