import type { By } from '../../contracts/audit.ts'
import type { Entry } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { InboxMessage } from '../../contracts/message.ts'
import { badArgument, checkOptions } from '../../define/argument.ts'
import type { Engine } from '../../engine/engine.ts'
import { decodeEntry } from '../../journal/entry-codec.ts'
import { redactIn } from '../../journal/redact.ts'
import { decodeFact, type Fact } from '../memory/fact.ts'
import { noted } from '../read/noted.ts'
import { authorIn } from '../setup/author.ts'
import { decodeSchedule, type Schedule } from '../schedules/schedule.ts'
import { checkSubject, factsOf, pagesOf, schedulesOf, type Subject } from './subject.ts'

/** What `exportSubject` takes beside who is meant. */
export interface ExportSubjectOptions {
  /** On whose behalf it is made: that they were given the runs is kept in the audit. @default unknown */
  readonly reader?: By
  /**
   * `revealed` gives what the runs keep secret as it is, as far as the store has its key; the audit says `revealed` then.
   * @default 'tokens'
   */
  readonly secrets?: 'tokens' | 'revealed'
}

/** A part of what is kept of somebody, in this order: who it is, their schedules, what is known of them, then for each run its row, its entries and its mail, and the end. */
export type SubjectPart =
  | {
      readonly kind: 'subject'
      readonly tenant: string | null
      readonly user: string | null
      /** When it was asked for, in milliseconds since 1970. */
      readonly at: number
      readonly secrets: 'tokens' | 'revealed'
    }
  /** It keeps no secrets. */
  | { readonly kind: 'schedule'; readonly schedule: Schedule }
  | { readonly kind: 'fact'; readonly fact: Fact }
  /** Its totals are its own. */
  | { readonly kind: 'run'; readonly run: RunRow }
  | { readonly kind: 'entry'; readonly runId: string; readonly entry: Entry }
  /** What somebody has said to it that its journal does not have yet. */
  | { readonly kind: 'message'; readonly message: InboxMessage }
  /** How many runs there were: it is missing where something is. */
  | { readonly kind: 'end'; readonly runs: number }

type Parts = Pick<Engine, 'store' | 'secretsOf' | 'clock'>

/** Gives all that is kept of somebody. See `Runtime.exportSubject`. */
export function exportSubject(
  engine: Parts,
  subject: Subject,
  options: ExportSubjectOptions,
): AsyncGenerator<SubjectPart, void, undefined> {
  const filter = checkSubject('runtime.exportSubject', subject)
  checkOptions('runtime.exportSubject was given options', options, 'Give it { reader, secrets }, or nothing.')
  const { reader, secrets = 'tokens' } = options
  if (secrets !== 'tokens' && secrets !== 'revealed')
    throw badArgument('runtime.exportSubject was given secrets', secrets, `Give it 'tokens' or 'revealed', or nothing.`)
  return parts(engine, filter, { by: authorIn('runtime.exportSubject', reader), secrets })
}

async function* parts(
  engine: Parts,
  subject: Subject,
  { by, secrets }: { readonly by: ReturnType<typeof authorIn>; readonly secrets: 'tokens' | 'revealed' },
): AsyncGenerator<SubjectPart, void, undefined> {
  const { tenant = null, user = null } = subject
  yield { kind: 'subject', tenant, user, at: engine.clock.now(), secrets }
  for await (const stored of schedulesOf(engine.store, subject))
    yield { kind: 'schedule', schedule: decodeSchedule(stored) }
  for await (const stored of factsOf(engine.store, subject)) yield { kind: 'fact', fact: decodeFact(stored) }
  const action = secrets === 'revealed' ? 'revealed' : 'exported'
  let runs = 0
  for await (const row of noted(engine, rowsOf(engine, subject), { action, by })) {
    const held = await partsOf(engine, row, secrets)
    // Somebody may have deleted it meanwhile.
    if (held.length === 0) continue
    runs += 1
    yield* held
  }
  yield { kind: 'end', runs }
}

async function* rowsOf({ store }: Parts, subject: Subject): AsyncGenerator<RunRow, void, undefined> {
  for await (const page of pagesOf(store, subject)) yield* page
}

async function partsOf(
  { store, secretsOf }: Parts,
  row: RunRow,
  shown: 'tokens' | 'revealed',
): Promise<readonly SubjectPart[]> {
  const { id: runId } = row
  const entries = (await store.entries(runId)).map(decodeEntry)
  if (entries.length === 0) return []
  const secrets = secretsOf(row.lineageId)
  if (secrets.kept) await secrets.load()
  // What was written before a secret was known has it as it is.
  const tokens = secrets.any ? entries.map((entry) => redactIn(entry, secrets.redact)) : entries
  const show = shown === 'revealed' ? secrets.reveal : secrets.redact
  return [
    { kind: 'run', run: show(row) },
    ...tokens.map((entry): SubjectPart => ({
      kind: 'entry',
      runId,
      entry: shown === 'revealed' ? show(entry) : entry,
    })),
    ...(await store.inbox(runId)).map((message): SubjectPart => ({ kind: 'message', message: show(message) })),
  ]
}
