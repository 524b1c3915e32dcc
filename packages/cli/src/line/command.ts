import { Argument, Command, InvalidArgumentError } from 'commander'
import type { Io } from './io.ts'
import { complaint } from './report.ts'

/** Makes a command that complains in one line, with where to read more. */
export function command(io: Io, name: string, description: string): Command {
  const made = new Command(name).description(description)
  // What stands after a command is that command's own, also where the one above has an option of the same name.
  return made
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => {
        const [problem = '', hint = ''] = text
          .replace(/^error: /, '')
          .trim()
          .split('\n')
        write(
          `${complaint(`${problem.replace(/\.$/, '')}.`)}${hint && ` ${hint.replace(/^\(|\)$/g, '')}`} See: ${wordsOf(made)} --help\n`,
        )
      },
    })
}

/** What is typed for a command: those above it first. */
function wordsOf(made: Command): string {
  return made.parent ? `${wordsOf(made.parent)} ${made.name()}` : made.name()
}

/** What a command's help ends with: lines that somebody could type. */
export function examples(...lines: readonly string[]): string {
  return ['', lines.length === 1 ? 'Example:' : 'Examples:', ...lines.map((line) => `  $ ${line}`)].join('\n')
}

/** The argument that names a run. */
export function runArgument(): Argument {
  return new Argument('<run>', 'the id of a run')
}

/** Reads a whole number from `least` on. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= least && number <= most) return number
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`
    throw new InvalidArgumentError(`It must be a whole number, ${range}.`)
  }
}
