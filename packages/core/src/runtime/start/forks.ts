import { endingOf } from '../../agent/state/ending.ts'
import type { Author, By } from '../../contracts/audit.ts'
import type { Effects, Entry, EntryOf, RecordedEdit } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { StoredEntry } from '../../contracts/write.ts'
import { firstRow } from '../../engine/begin/begin.ts'
import type { Engine } from '../../engine/engine.ts'
import { type Edited, editsOf, type ForkEdit } from '../../engine/session/edit.ts'
import { fork } from '../../engine/session/fork.ts'
import { noteOf } from '../../journal/audit-note.ts'
import { decodeEntry, encodeEntry } from '../../journal/entry-codec.ts'
import { DefinitionError } from '../../values/errors.ts'
import { sortedJson } from '../../values/sorted-json.ts'
import { checkSameTenant } from '../setup/whose.ts'
import type { Definitions } from '../setup/definitions.ts'
import type { Driver } from '../drive/driver.ts'

/** What `fork` takes. */
export interface ForkOptions {
  /** How many of the run's entries the fork begins with: 1 to all of them, without the one that ended it. */
  readonly at: number
  /** 1 to 200 printable characters without spaces. @default a fresh one */
  readonly id?: string
  /** Lets tools act on the world after the fork point. @default nothing but tools that read runs */
  readonly effects?: 'live'
  /**
   * What is otherwise in the fork: the last entry that it takes over (an `input`, a `reply`, a `result` or a `message`), or
   * the `instructions` or the `model` of an agent from there on, also where its definition changes later. The run that is
   * forked stays as it is. @default nothing
   */
  readonly edit?: ForkEdit | readonly ForkEdit[]
  /** Who edits it. @default unknown */
  readonly by?: By
}

interface Asked {
  readonly at: number
  readonly id: string
  readonly effects: Effects
  readonly edits: readonly ForkEdit[]
  readonly by: Author
}

/** A fork as it is to be. */
interface Wanted extends Omit<Asked, 'edits'> {
  readonly of: RunRow
  /** The entries that it takes over, as the run has them. */
  readonly taken: readonly StoredEntry[]
  readonly edited: Edited
}

/** Makes forks, and drives them. */
export class Forks {
  readonly #engine: Engine
  readonly #driver: Driver
  readonly #definitions: Definitions

  constructor(engine: Engine, driver: Driver, definitions: Definitions) {
    this.#engine = engine
    this.#driver = driver
    this.#definitions = definitions
  }

  /** Forks a run, or takes up the fork of the same id; resolves when its beginning is durable. */
  async fork(of: RunRow, { edits, ...asked }: Asked): Promise<void> {
    const { store } = this.#engine
    const entries = await store.entries(of.id)
    checkPlace(of.id, entries, asked.at)
    const edited = await this.#edit(of, entries, asked.at, edits)
    const wanted = { ...asked, of, taken: entries.slice(0, asked.at), edited }
    await this.#driver.exclusively(asked.id, async () => {
      if (!(await store.run(asked.id)) && (await this.#begin(wanted))) return
      await this.#checkSame(wanted)
      await this.#driver.open(asked.id)
    })
  }

  async #edit(of: RunRow, stored: readonly StoredEntry[], at: number, edits: readonly ForkEdit[]): Promise<Edited> {
    if (edits.length === 0) return { recorded: [] }
    const secrets = this.#engine.secretsOf(of.lineageId)
    const definition = this.#definitions.newest(of)
    return editsOf({ runId: of.id, edits, entries: stored.map(decodeEntry), at, definition, secrets })
  }

  /** False where a run of the id has come to be meanwhile. */
  async #begin({ of, id, at, taken, effects, edited, by }: Wanted): Promise<boolean> {
    const { tags, tenant, user, priority, lineageId } = of
    const definition = this.#definitions.newest(of)
    const { owner, clock } = this.#engine
    const from = { tags, tenant, user, priority, lineageId, forkOf: of.id, forkSeq: at }
    const row = firstRow(definition, { ...from, id, owner, now: clock.now() })
    const parts = { row, of: of.id, taken, effects, edited, definition }
    const { session, writer } = await fork(this.#engine, parts)
    const kinds = edited.recorded.map(({ kind }) => kind).join(', ')
    const deed = {
      action: 'edited',
      by: writer.secrets.redact(by),
      at: row.createdAt,
      what: `${kinds} at ${at}`,
    } as const
    const audit = kinds === '' ? [] : [noteOf(row, deed)]
    if ((await writer.write({ create: row, audit })) === 'exists') return false
    this.#driver.drive(session, row)
    return true
  }

  /** Two who make the same fork under one id have one run. */
  async #checkSame(wanted: Wanted): Promise<void> {
    const { store } = this.#engine
    const { id, of, at, effects } = wanted
    const row = await store.run(id)
    if (row) checkSameTenant(row, of.tenant)
    const stored = await store.entries(id)
    const forked = stored[at] && decodeEntry(stored[at])
    const same = row?.forkOf === of.id && row.forkSeq === at && forked?.kind === 'run.forked'
    if (same && forked.body.effects === effects && this.#isEditedAlike(wanted, stored, forked)) return
    const is =
      typeof row?.forkOf === 'string'
        ? `the fork of "${row.forkOf}" at ${row.forkSeq}${differs(forked, wanted)}`
        : 'no fork'
    throw new DefinitionError({
      code: 'run_exists',
      message: `The run "${id}" exists, and is ${is}. Use another id.`,
      details: { runId: id },
    })
  }

  #isEditedAlike(
    { at, of, taken, edited }: Wanted,
    stored: readonly StoredEntry[],
    forked: EntryOf<'run.forked'>,
  ): boolean {
    if (sortedJson(forked.body.edits ?? []) !== sortedJson(edited.recorded)) return false
    const [was, is] = [taken[at - 1], stored[at - 1]]
    if (!edited.last || !was || !is) return true
    const { entry } = encodeEntry(edited.last, at - 1, was.at, this.#engine.secretsOf(of.lineageId))
    return isSameEdit(entry, decodeEntry(is))
  }
}

/** What an input comes to may be another thing each time: then it is the same where the same was given. */
function isSameEdit(wanted: Entry, is: Entry): boolean {
  if (wanted.digest === is.digest) return true
  if (wanted.kind !== 'run.started' || is.kind !== 'run.started') return false
  const given = wanted.body.given?.input
  return given !== undefined && given !== '' && given === is.body.given?.input
}

/** In what a fork at the same place is another one. */
function differs(forked: Entry | undefined, { of, at, effects }: Wanted): string {
  if (forked?.kind !== 'run.forked' || forked.body.of !== of.id || forked.seq !== at) return ''
  if (forked.body.effects !== effects) return `, with effects that are ${effects === 'live' ? 'withheld' : 'live'}`
  return `, with ${sayEdits(forked.body.edits ?? [])}`
}

function sayEdits(edits: readonly RecordedEdit[]): string {
  if (edits.length === 0) return 'nothing edited'
  const what = edits.map((edit) => ('agent' in edit ? `${edit.kind} of "${edit.agent}"` : edit.kind))
  return `another edit (${what.join(', ')})`
}

function checkPlace(runId: string, entries: readonly StoredEntry[], at: number): void {
  const last = entries.at(-1)
  const ended = last !== undefined && endingOf(decodeEntry(last)) !== null
  const most = ended ? entries.length - 1 : entries.length
  if (Number.isSafeInteger(at) && at >= 1 && at <= most) return
  const has = `it has ${entries.length} entries${ended ? ', and has ended at the last' : ''}`
  throw new DefinitionError({
    code: 'bad_fork_point',
    message: `The run "${runId}" cannot be forked at ${String(at)}: ${has}. Give the number of entries to go on from, 1 to ${most}.`,
    details: { runId, at: String(at), most },
  })
}
