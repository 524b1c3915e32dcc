import { endingOf } from '../../agent/state/ending.ts'
import type { Effects } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { StoredEntry, Store } from '../../contracts/store.ts'
import { firstRow } from '../../engine/begin/begin.ts'
import type { Engine } from '../../engine/engine.ts'
import { fork } from '../../engine/session/fork.ts'
import { decodeEntry } from '../../journal/entry-codec.ts'
import { DefinitionError } from '../../values/errors.ts'
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
}

type Asked = Required<Omit<ForkOptions, 'effects'>> & { readonly effects: Effects }

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
  async fork(of: RunRow, asked: Asked): Promise<void> {
    const { store } = this.#engine
    const entries = await store.entries(of.id)
    checkPlace(of.id, entries, asked.at)
    await this.#driver.exclusively(asked.id, async () => {
      if (!(await store.run(asked.id)) && (await this.#begin(of, entries, asked))) return
      await checkSameFork(store, of.id, asked)
      await this.#driver.open(asked.id)
    })
  }

  /** False where a run of the id has come to be meanwhile. */
  async #begin(of: RunRow, entries: readonly StoredEntry[], { id, at, effects }: Asked): Promise<boolean> {
    const { tags, priority, lineageId } = of
    const definition = this.#definitions.newest(of)
    const { owner, clock } = this.#engine
    const from = { tags, priority, lineageId, forkOf: of.id, forkSeq: at }
    const row = firstRow(definition, { ...from, id, owner, now: clock.now() })
    const parts = { row, of: of.id, taken: entries.slice(0, at), effects, definition }
    const { session, writer } = await fork(this.#engine, parts)
    if ((await writer.write({ create: row })) === 'exists') return false
    this.#driver.drive(session, row)
    return true
  }
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

/** Two who make the same fork under one id have one run. */
async function checkSameFork(store: Store, of: string, { id, at, effects }: Asked): Promise<void> {
  const row = await store.run(id)
  const stored = (await store.entries(id))[at]
  const forked = stored && decodeEntry(stored)
  const same = row?.forkOf === of && row.forkSeq === at
  if (same && forked?.kind === 'run.forked' && forked.body.effects === effects) return
  const is =
    typeof row?.forkOf === 'string'
      ? `the fork of "${row.forkOf}" at ${row.forkSeq}${same ? `, with effects that are ${effects === 'live' ? 'withheld' : 'live'}` : ''}`
      : 'no fork'
  throw new DefinitionError({
    code: 'run_exists',
    message: `The run "${id}" exists, and is ${is}. Use another id.`,
    details: { runId: id },
  })
}
