# fish completion for bf-risk; made by completions/generate
complete -c bf-risk -f
complete -c bf-risk -l max-lev -x -d 'maximum effective leverage of the account (required)'
complete -c bf-risk -l target-lev -x -d 'what a reduction leads to; default 95 % of --max-lev'
complete -c bf-risk -l cost -x -d 'fee and spread of an order, basis points; default 10'
complete -c bf-risk -l asset -x -d 'the margin asset guarded; default USDT'
complete -c bf-risk -l refresh -x -d 'how often the account is read; default 2'
complete -c bf-risk -l max-age -x -d 'how old a mark price may be; default 10'
complete -c bf-risk -l profile -x -a 'live demo sim' -d 'the profile to use: live, demo, sim or your own'
complete -c bf-risk -l market -x -a 'usdm coinm' -d 'which futures; default usdm'
complete -c bf-risk -s h -l help -d 'show this help'
complete -c bf-risk -l version -d 'show the version'
