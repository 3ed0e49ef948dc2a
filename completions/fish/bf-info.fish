# fish completion for bf-info; made by completions/generate
complete -c bf-info -f
complete -c bf-info -l refresh -d 'ask the exchange again; ignore the cache'
complete -c bf-info -l profile -x -a 'live demo sim' -d 'the profile to use: live, demo, sim or your own'
complete -c bf-info -l market -x -a 'usdm coinm' -d 'which futures; default usdm'
complete -c bf-info -s o -l output -x -a 'table ndjson' -d 'how to print; a table on a terminal, else ndjson'
complete -c bf-info -l jq -x -d 'run a jq filter on each record printed'
complete -c bf-info -s h -l help -d 'show this help'
complete -c bf-info -l version -d 'show the version'
complete -c bf-info -a 'brackets filters funding mark symbols'
