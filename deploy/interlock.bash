# bash completion of interlock: what each command says in its --help.
_interlock() {
  local word=${COMP_WORDS[COMP_CWORD]} i
  local -a path=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case ${COMP_WORDS[i]} in -*) ;; *) path+=("${COMP_WORDS[i]}") ;; esac
  done
  local help
  # Words that are no command (a file, an id) are left out until --help answers.
  while help=$("${COMP_WORDS[0]}" "${path[@]}" --help 2>/dev/null) || [ ${#path[@]} -gt 0 ]; do
    [[ $help == *Usage:* ]] && break
    unset 'path[-1]'
  done
  local offered
  if [[ $word == -* ]]; then
    offered=$(grep -oE -- '--[a-z][a-z-]*' <<<"$help" | sort -u)
  else
    offered=$(sed -n '/^Subcommands:/,$s/^  \([a-z][a-z-]*\)\( .*\|$\)/\1/p' <<<"$help")
  fi
  COMPREPLY=($(compgen -W "$offered" -- "$word"))
  [ ${#COMPREPLY[@]} -gt 0 ] || compopt -o default
}
complete -F _interlock interlock
