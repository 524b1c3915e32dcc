import { Argument, type Command } from 'commander'
import { withStore } from '../config/with-store.ts'
import { type Candidate, candidates, type Look } from '../completion/candidates.ts'
import { SCRIPTS, type Shell, SHELLS } from '../completion/scripts.ts'
import { quotedForBash, typedWords } from '../completion/words.ts'
import { command } from '../line/command.ts'
import type { Io } from '../line/io.ts'
import { oneLine } from '../show/text.ts'

/** `reprise completion`: what a shell reads to complete `reprise`. */
export function completionCommand(io: Io): Command {
  return command(io, 'completion', 'print a script that completes reprise in a shell')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText(
      'after',
      `
It completes commands, options and what they take, and of the runs of the store (--store, REPRISE_STORE, or that of the
nearest config, whose code is run for it): their ids, the newest first, names, tags, and what they ask for; and its schedules.

Examples:
  $ source <(reprise completion bash)
  $ reprise completion fish | source`,
    )
    .action((shell: Shell) => {
      io.stdout.write(SCRIPTS[shell])
    })
}

/** `reprise complete-words`: asked by those scripts. It never complains: a line may be half typed. */
export function completeWordsCommand(io: Io, program: () => Command): Command {
  return command(io, 'complete-words', 'what the words of a line may go on as')
    .argument('<shell>')
    .argument('[words...]')
    .action(async (shell: string, words: readonly string[]) => {
      const [line = '', breaks = ''] = words
      const typed = shell === 'bash' ? typedWords(line) : { words: ['reprise', ...words], raw: '' }
      const found = await candidates(program(), typed.words.slice(1), lookAt(io)).catch(() => [])
      const said = found
        .filter(({ value }) => oneLine(value) === value)
        .map((each) => say(shell, each, typed.raw, breaks))
      if (said.length > 0) io.stdout.write(`${said.join('\n')}\n`)
    })
}

function say(shell: string, { value, about }: Candidate, raw: string, breaks: string): string {
  if (shell !== 'bash') return `${value}\t${oneLine(about)}`
  // What was typed up to the last sign that bash breaks words at stands there already.
  const kept = Math.max(...[':', '='].map((sign) => (breaks.includes(sign) ? raw.lastIndexOf(sign) : -1))) + 1
  const begun = /^['"]/.test(raw) ? value : quotedForBash(value)
  return begun.slice(kept)
}

function lookAt(io: Io): Look {
  return async (named, look) => {
    let found: readonly Candidate[] = []
    await withStore(io, named, async (runtime) => {
      found = await look(runtime)
    })
    return found
  }
}
