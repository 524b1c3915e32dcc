// What programs ask of runs within transactions of theirs. The same code begins runs and leaves messages as outside of one
// (starter.ts, mail.ts): here it stands on the store as it is within the transaction, and on secrets as they are there, which
// nobody else may take for kept before the commit.
import type { RunRow } from '../../contracts/run.ts'
import type { Within } from '../../contracts/within.ts'
import type { Resolution } from '../../agent/state/doubt.ts'
import type { Author } from '../../contracts/audit.ts'
import type { Entry } from '../../contracts/entry.ts'
import type { AnyDefinition } from '../../define/plan.ts'
import type { Signal } from '../../define/signal.ts'
import { noteOf } from '../../journal/audit-note.ts'
import { decodeEntry } from '../../journal/entry-codec.ts'
import { Secrets } from '../../journal/secrets.ts'
import { DefinitionError } from '../../values/errors.ts'
import { got, type Steps } from '../../values/steps.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Driver } from '../drive/driver.ts'
import { type Answer, type Approval, Mail } from '../mail/mail.ts'
import { newestStored } from '../read/stored.ts'
import type { Definitions } from '../setup/definitions.ts'
import { type Start, Starter } from '../start/starter.ts'

/** What a runtime within a transaction is made of. */
export interface InsideParts {
  readonly engine: Engine
  readonly driver: Driver
  readonly definitions: Definitions
  /** Whose runs alone are seen; undefined where everybody's are. */
  readonly only?: { readonly tenant: string }
}

/** A runtime within one transaction. */
export class Inside {
  readonly #parts: InsideParts
  readonly #within: Within
  readonly #secretsOf: (lineageId: string) => Secrets
  readonly #mail: Mail

  constructor(parts: InsideParts, within: Within) {
    this.#parts = parts
    this.#within = within
    this.#secretsOf = secretsWithin(within)
    this.#mail = new Mail({ store: within, clock: parts.engine.clock, secretsOf: this.#secretsOf })
  }

  /** Leaves a run to a worker. See `Runtime.enqueue`. */
  enqueue(start: Start): Steps<void> {
    const { engine, driver, definitions } = this.#parts
    const check = (definition: AnyDefinition): void => definitions.check(definition)
    const starter = new Starter({ ...engine, secretsOf: this.#secretsOf }, driver, check, this.#within)
    return starter.enqueueWithin(this.#within, start)
  }

  /** Sends a signal to the newest continuation of a run. See `Runtime.send`. */
  *send(runId: string, signal: Signal, payload: unknown, id: string | undefined): Steps<void> {
    const row = yield* this.#mail.signal(yield* this.#row(runId), signal, payload, id)
    if (row) this.#notify(row.id)
  }

  /** Allows a call that waits for it, or does not. */
  *approval(runId: string, said: Approval): Steps<void> {
    const row = yield* this.#row(runId)
    yield* this.#mail.approval(row, yield* this.#entries(runId), said, this.#parts.definitions.planOf(row))
    this.#notify(runId)
  }

  /** Answers a call that somebody is to answer. */
  *answer(runId: string, said: Answer): Steps<void> {
    const row = yield* this.#row(runId)
    yield* this.#mail.answer(row, yield* this.#entries(runId), said, this.#parts.definitions.planOf(row))
    this.#notify(runId)
  }

  /** Says of a call in doubt whether it happened. */
  *resolution(runId: string, id: string, resolution: Resolution, by: Author): Steps<void> {
    const row = yield* this.#row(runId)
    const plan = this.#parts.definitions.planOf(row)
    yield* this.#mail.resolution(row, yield* this.#entries(runId), id, { resolution, by }, plan)
    this.#notify(runId)
  }

  /** Leaves the newest continuation of a run the word that it ends; one that has ended stays as it is. */
  *cancel(first: string, reason: string, by: Author): Steps<void> {
    const row = yield* this.#row(first)
    const newest = (yield* newestStored(this.#within, row.id)) ?? row
    const { id: runId, endedAt } = newest
    if (endedAt !== null) return
    const at = this.#parts.engine.clock.now()
    const note = noteOf(newest, { action: 'cancelled', by, at })
    yield* got(this.#within.send({ runId, dedupe: 'cancel', kind: 'cancel', body: reason, at }, [], note))
    this.#notify(runId)
  }

  *#row(runId: string): Steps<RunRow> {
    const row = typeof runId === 'string' ? yield* got(this.#within.run(runId)) : undefined
    const { only } = this.#parts
    if (row && (!only || row.tenant === only.tenant)) return row
    throw new DefinitionError({
      code: 'unknown_run',
      message: `There is no run ${JSON.stringify(runId)} in this store, as its transaction sees it. Check the id, and that this is the right store.`,
      details: { runId },
    })
  }

  *#entries(runId: string): Steps<readonly Entry[]> {
    return (yield* got(this.#within.entries(runId))).map(decodeEntry)
  }

  /** A run that is driven here hears of its mail at once where the store tells of the commit; else as it looks for it. */
  #notify(runId: string): void {
    this.#within.committed?.(() => this.#parts.driver.notify(runId))
  }
}

/** The secrets of lineages as one transaction knows them: they are forgotten with it, and read anew once they are kept. */
function secretsWithin(within: Within): (lineageId: string) => Secrets {
  const known = new Map<string, Secrets>()
  const load = within.secrets?.bind(within)
  return (lineageId) => {
    const secrets = known.get(lineageId) ?? new Secrets(load && ((from) => load(lineageId, from)))
    known.set(lineageId, secrets)
    return secrets
  }
}
