/** The shells that are completed for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

/** A shell that is completed for. */
export type Shell = (typeof SHELLS)[number]

// None of these reads what was typed as code: words are handed on as they are, and what comes back is only ever a word.

/** What a shell reads to complete `reprise`. */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  // Bash breaks words at colons, which stand in the ids of runs: the line goes as a whole.
  bash: `# Completes reprise in bash. Put into ~/.bashrc:  source <(reprise completion bash)
_reprise_completion() {
  COMPREPLY=()
  local reply
  while IFS= read -r reply; do COMPREPLY+=("$reply"); done < <(
    reprise complete-words bash -- "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null
  )
}
complete -o nosort -o default -F _reprise_completion reprise 2>/dev/null ||
  complete -o default -F _reprise_completion reprise
`,
  zsh: `#compdef reprise
# Completes reprise in zsh. Put into ~/.zshrc, after compinit:  source <(reprise completion zsh)
_reprise() {
  local -a values shown
  local value about
  while IFS=$'\\t' read -r value about; do
    values+=("$value")
    shown+=("\${value}\${about:+  -- $about}")
  done < <(reprise complete-words zsh -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#values} )); then
    compadd -V reprise -l -d shown -a values
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" == "_reprise" ]]; then _reprise "$@"; else compdef _reprise reprise; fi
`,
  fish: `# Completes reprise in fish. Put into ~/.config/fish/config.fish:  reprise completion fish | source
function __reprise_completion
  set -l words (commandline -opc) (commandline -ct)
  reprise complete-words fish -- $words[2..-1] 2>/dev/null
end
complete -c reprise -f -k -a '(__reprise_completion)'
complete -c reprise -l store -r -F
complete -c reprise -l config -r -F
`,
}
