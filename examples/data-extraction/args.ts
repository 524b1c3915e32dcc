import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { STATEMENTS } from './statements.ts'

/** What a person decides of a file; undefined to look at it first. */
export type Decision = { readonly kind: 'accept' } | { readonly kind: 'correct'; readonly fields: object } | undefined

/** What the person at the keyboard wants. */
export type Args = { readonly out: string } & (
  | { readonly kind: 'help' }
  | { readonly kind: 'replay' }
  | { readonly kind: 'review'; readonly file: string; readonly decision: Decision }
  | { readonly kind: 'extract'; readonly folder: string; readonly fresh: boolean; readonly seed: number }
)

/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The seed of the part's mistakes, where none is given. */
export const SEED = 21

/** What `--help` prints. */
export const HELP = `npm run demo:extract -- [OPTION...]

Reads a folder of statements into JSON and CSV. What is read stays read: the same command goes on where it was stopped
or killed.

  --folder DIR      your own statements, as .csv, .tsv or .txt (default: the demo's)
  --out DIR         where the results and the journal stand (default: .data beside this program)
  --fresh           starts over: forgets what was read
  --seed N          another set of mistakes of the written part (default: ${SEED})

  --review FILE     shows a file that waits for a person, and what is wrong with it
    --accept          takes it as it was read; where there is no statement in it, leaves it out
    --correct JSON    mends it: '{"totalMinor":128450}' replaces what was read by what is given

  --replay          takes all runs up again under today's code, offline, and says where it would go another way
  --help            prints this

With OPENAI_API_KEY or OPENAI_BASE_URL that model reads (REPRISE_MODEL, default gpt-4.1-mini), else a written part.
It ends with 0, also where files wait for a person; with 1 where something failed, 2 where the command makes no sense,
130 where it was interrupted.`

const OPTIONS = {
  folder: { type: 'string' },
  out: { type: 'string' },
  fresh: { type: 'boolean' },
  seed: { type: 'string' },
  review: { type: 'string' },
  accept: { type: 'boolean' },
  correct: { type: 'string' },
  replay: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/**
 * Reads the command line.
 *
 * @throws UsageError saying what cannot be understood.
 */
export function readArgs(argv: readonly string[]): Args {
  const values = parse(argv)
  const out = resolve(values.out ?? join(import.meta.dirname, '.data'))
  if (values.help) return { kind: 'help', out }
  refuseMixtures(values)
  if (values.replay) return { kind: 'replay', out }
  if (values.review !== undefined) return { kind: 'review', out, file: values.review, decision: readDecision(values) }
  const { folder = STATEMENTS, fresh = false, seed } = values
  return { kind: 'extract', out, folder: resolve(folder), fresh, seed: readSeed(seed) }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** Options of which only one may be given, and those that need another one. */
function refuseMixtures(values: Readonly<Record<string, unknown>>): void {
  const given = (...names: readonly string[]): string[] => names.filter((name) => values[name] !== undefined)
  for (const alone of ['replay', 'review', 'accept']) {
    const others = {
      replay: given('review', 'accept', 'correct', 'folder', 'fresh', 'seed'),
      review: given('folder', 'fresh', 'seed'),
      accept: given('correct'),
    }[alone]
    const [other] = others ?? []
    if (given(alone).length > 0 && other !== undefined)
      throw new UsageError(`--${alone} and --${other} do not go together.`)
  }
  const [decision] = given('accept', 'correct')
  if (decision !== undefined && values['review'] === undefined)
    throw new UsageError(`--${decision} needs to know of which file: --review FILE --${decision}.`)
}

function readDecision({ accept, correct }: { accept?: boolean; correct?: string }): Decision {
  if (accept) return { kind: 'accept' }
  return correct === undefined ? undefined : { kind: 'correct', fields: readFields(correct) }
}

function readFields(text: string): object {
  const shape = `It must be fields of a statement, such as '{"totalMinor":128450}'.`
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`--correct is no JSON: ${(error as Error).message}. ${shape}`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new UsageError(`--correct is ${text}. ${shape}`)
}

function readSeed(text: string | undefined): number {
  if (text === undefined) return SEED
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new UsageError(`--seed is "${text}". It must be a whole number of at most nine digits.`)
}
