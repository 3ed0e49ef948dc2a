# fish completion for bf-risk; made by completions/generate
complete -c bf-risk -f
complete -c bf-risk -l max-lev -x -d 'greatest effective leverage of the account (required)'
complete -c bf-risk -l target-lev -x -d 'what a reduction leads to; 95 % of --max-lev unless set'
complete -c bf-risk -l cost -x -d 'fee and spread of a reduction, basis points; 10 unless set'
complete -c bf-risk -l asset -x -d 'the margin asset guarded; USDT unless set'
complete -c bf-risk -l refresh -x -d 'how often the account is read; 2 unless set'
complete -c bf-risk -l max-age -x -d 'how old a mark price may be; 10 unless set'
complete -c bf-risk -l profile -x -d 'the market place to use: live, demo, sim or your own'
complete -c bf-risk -l market -x -a 'usdm coinm' -d 'which futures; usdm unless said'
complete -c bf-risk -s h -l help -d 'show this help'
complete -c bf-risk -l version -d 'show the version'
