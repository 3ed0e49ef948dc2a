# fish completion for bf-position; made by completions/generate
complete -c bf-position -f
complete -c bf-position -l profile -x -a 'live demo sim' -d 'the profile to use: live, demo, sim or your own'
complete -c bf-position -l market -x -a 'usdm coinm' -d 'which futures; default usdm'
complete -c bf-position -s o -l output -x -a 'table ndjson' -d 'how to print; a table on a terminal, else ndjson'
complete -c bf-position -l jq -x -d 'run a jq filter on each record printed'
complete -c bf-position -s h -l help -d 'show this help'
complete -c bf-position -l version -d 'show the version'
complete -c bf-position -a 'balances leverage margin-type'
