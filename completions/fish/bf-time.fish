# fish completion for bf-time; made by completions/generate
complete -c bf-time -f
complete -c bf-time -l check -x -d 'exit 7 if the clock may be off by more than MS'
complete -c bf-time -l profile -x -a 'live demo sim' -d 'the profile to use: live, demo, sim or your own'
complete -c bf-time -l market -x -a 'usdm coinm' -d 'which futures; default usdm'
complete -c bf-time -s o -l output -x -a 'table ndjson' -d 'how to print; a table on a terminal, else ndjson'
complete -c bf-time -l jq -x -d 'run a jq filter on each record printed'
complete -c bf-time -s h -l help -d 'show this help'
complete -c bf-time -l version -d 'show the version'
