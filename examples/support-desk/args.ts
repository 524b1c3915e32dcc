import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { messageOf } from '@reprise/core'

/** What the person at the keyboard wants. */
export type Args = { readonly data: string; readonly postgres: boolean } & (
  | { readonly kind: 'help' }
  | { readonly kind: 'show'; readonly runId: string }
  /** No ids: all runs. */
  | { readonly kind: 'replay'; readonly runIds: readonly string[] }
  | { readonly kind: 'work'; readonly tickets: string; readonly fresh: boolean; readonly seed: number }
  /** Without `as`, whoever began the session. */
  | {
      readonly kind: 'chat'
      readonly session: string
      readonly as: string | undefined
      readonly fresh: boolean
      readonly seed: number
    }
)

/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The tickets of the demo itself. */
export const TICKETS = join(import.meta.dirname, 'tickets.json')

/** The seed of the part's mistakes, where none is given. */
export const SEED = 21

/** The conversation, where none is named. */
const SESSION = 'chat'

/** What `--help` prints. */
export const HELP = `npm run demo -- [OPTION...]

Works a file of support tickets. What is done stays done: the same command goes on where it was stopped or killed.

  --tickets FILE    your own tickets: [{ "id": "t-1", "from": "ada@example.com", "text": "..." }]
  --fresh           starts over: forgets the shop, the runs and the mails
  --data FOLDER     where they are kept (default: .data beside this program, .data-postgres with --postgres, .data-chat with --chat)
  --seed N          another set of mistakes of the written part (default: ${SEED})
  --postgres        keeps the runs in a Postgres of its own: two processes work them, and one is killed on the way
  --show RUN        prints what happened in a run, such as ticket-3
  --replay [RUN...] takes runs up again under today's code, offline, and says where it would go another way
  --help            prints this

  --chat            talks with a customer, line by line; the same command goes on where it was left or killed
  --session ID      which conversation (default: ${SESSION})
  --as EMAIL        who the customer is, where the conversation begins (default: carla@example.com)

With OPENAI_API_KEY or OPENAI_BASE_URL that model answers (REPRISE_MODEL, default gpt-4.1-mini), else a written part.`

const OPTIONS = {
  tickets: { type: 'string' },
  fresh: { type: 'boolean' },
  postgres: { type: 'boolean' },
  data: { type: 'string' },
  seed: { type: 'string' },
  show: { type: 'string' },
  replay: { type: 'boolean' },
  chat: { type: 'boolean' },
  session: { type: 'string' },
  as: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/**
 * Reads the command line.
 *
 * @throws UsageError saying what cannot be understood.
 */
export function readArgs(argv: readonly string[]): Args {
  const { values, positionals } = parse(argv)
  const { postgres = false, chat = false } = values
  const kept = postgres ? '.data-postgres' : chat ? '.data-chat' : '.data'
  const data = resolve(values.data ?? join(import.meta.dirname, kept))
  const place = { data, postgres }
  if (values.help) return { kind: 'help', ...place }
  refuseMixtures(values)
  if (values.replay) return { kind: 'replay', ...place, runIds: positionals }
  const [stray] = positionals
  if (stray !== undefined) throw new UsageError(`"${stray}" belongs to no option.`)
  if (values.show !== undefined) return { kind: 'show', ...place, runId: values.show }
  const { tickets = TICKETS, fresh = false, seed } = values
  if (chat) {
    const { session = SESSION, as } = values
    return { kind: 'chat', ...place, session, as, fresh, seed: readSeed(seed) }
  }
  return { kind: 'work', ...place, tickets: resolve(tickets), fresh, seed: readSeed(seed) }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    // Some of Node's messages end in a full stop, and some do not.
    throw new UsageError(messageOf(error).replace(/\.?$/, '.'))
  }
}

function refuseMixtures(values: Readonly<Record<string, unknown>>): void {
  const looking = ['show', 'replay'].filter((name) => values[name] !== undefined)
  const working = ['tickets', 'fresh', 'seed'].filter((name) => values[name] !== undefined)
  const [first, second] = [...looking, ...working]
  if (looking.length > 0 && second !== undefined) throw new UsageError(`--${first} and --${second} do not go together.`)
  const given = (name: string): boolean => values[name] !== undefined
  const stray = ['session', 'as'].find(given)
  if (stray !== undefined && !given('chat')) throw new UsageError(`--${stray} goes with --chat alone.`)
  const other = ['postgres', 'tickets'].find(given)
  if (other !== undefined && given('chat')) throw new UsageError(`--chat and --${other} do not go together.`)
}

function readSeed(text: string | undefined): number {
  if (text === undefined) return SEED
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new UsageError(`--seed is "${text}". It must be a whole number of at most nine digits.`)
}
