// Begins runs: those that a program starts or enqueues, children of workflows, and runs that go on in another's place.
import type { Draft, Entry } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Rewound } from '../../contracts/rewound.ts'
import type { ScheduleChange } from '../../contracts/schedule.ts'
import type { Schema } from '../../contracts/schema.ts'
import type { InboxMessage } from '../../contracts/message.ts'
import type { Within } from '../../contracts/within.ts'
import type { WriteResult } from '../../contracts/write.ts'
import { type AnyDefinition, planOf } from '../../define/plan.ts'
import { takesSecret } from '../../define/takes-secret.ts'
import {
  accept,
  digestGiven,
  firstDraft,
  type FirstRow,
  firstRow,
  type Given,
  type Inherited,
} from '../../engine/begin/begin.ts'
import { joinDraft } from '../../engine/begin/join.ts'
import type { Turn } from '../../engine/chains.ts'
import type { Children, ChildStanding, ChildStart, NextContinuation, Onward } from '../../engine/children.ts'
import type { Engine } from '../../engine/engine.ts'
import { interruptedChild } from '../../engine/session/interruption.ts'
import { JournalWriter } from '../../engine/journal-writer.ts'
import { refuseUnkept } from '../../engine/begin/refuse-unkept.ts'
import { saidTo } from '../../engine/messages/said.ts'
import { insteadOf } from '../../engine/messages/rewind.ts'
import { sessionOf } from '../../engine/session/session-of.ts'
import { messageDraft } from '../../engine/session/workflow-drafts.ts'
import type { Secrets } from '../../journal/secrets.ts'
import { DefinitionError, RepriseError } from '../../values/errors.ts'
import { follow, got, type Steps } from '../../values/steps.ts'
import type { Driver } from '../drive/driver.ts'
import { nextContinuation } from '../../journal/continuations.ts'
import { notBegun } from '../../journal/not-begun.ts'
import { NO_TOTALS } from '../../journal/totals.ts'
import { checkSameTenant } from '../setup/whose.ts'
import { childStanding } from './child-standing.ts'
import { checkSameStart } from './same-start.ts'

/** What a run is begun with. */
export interface Start extends Omit<FirstRow, 'owner' | 'now'>, Inherited {
  readonly definition: AnyDefinition
  readonly input: unknown
  /** Who says it. */
  readonly by?: string
  readonly context: unknown
  /** The schemas that gave the context, where it is that of a run that calls this one. */
  readonly contextOf?: readonly Schema[]
  /** Whether the run is given up while it waits for long. @default false */
  readonly worked?: boolean
  /** Of a turn of a session, the one that it goes on from. */
  readonly before?: Turn | undefined
}

/** What a run of a schedule is begun with. */
export interface Fired extends Start {
  /** The schedule as it stands from then on; absent where it stays as it is. */
  readonly fires?: ScheduleChange
  /** For other runs, left with it. */
  readonly messages?: readonly InboxMessage[]
}

/** How often an id is tried that is refused though no run has it: one that is just being deleted begins anew. */
const MOST_TRIES = 3

/** Begins runs of one runtime. */
export class Starter implements Children {
  readonly #engine: Engine
  readonly #driver: Driver
  readonly #stored: Pick<Within, 'run' | 'entries'>
  /** Children that are about to be run. */
  readonly #expected = new Map<string, PromiseWithResolvers<void>>()
  /** Refuses definitions that are not this runtime's. */
  readonly #check: (definition: AnyDefinition) => void

  /** @param stored what tells whether a run is there. @default the store */
  constructor(
    engine: Engine,
    driver: Driver,
    check: (definition: AnyDefinition) => void,
    stored: Pick<Within, 'run' | 'entries'> = engine.store,
  ) {
    this.#engine = engine
    this.#stored = stored
    this.#driver = driver
    this.#check = check
  }

  /**
   * Begins a run, or takes up the one of the same id, and drives it; resolves when its beginning is durable.
   *
   * @returns false where its session has such a turn by now: nothing was begun.
   */
  async start(start: Start): Promise<boolean> {
    let isThere = false
    for (let tries = 1; !isThere; tries++) {
      const draft = await follow(this.#begin(start))
      await this.#driver.exclusively(start.id, async () => {
        if (this.#engine.turns.isOver()) await this.#engine.turns.next()
        const row = this.#row(start, this.#engine.owner)
        const writer = new JournalWriter(this.#engine, row, 0)
        const entries = beginningOf(writer, draft, start)
        this.#driver.hub.place(row.id, row.parentId)
        if (!this.#driver.drives(row.id) && (await writer.write({ create: row })) === 'written') {
          isThere = true
          const { definition, before, worked = false } = start
          const run = { row, writer, definition, entries, worked, before }
          return this.#driver.drive(sessionOf(this.#engine, run), row, { worked })
        }
        isThere = await follow(this.#isSame(row, draft, writer.secrets, tries))
        return isThere ? this.#driver.open(row.id, start.worked) : undefined
      })
      if (!isThere && start.turn !== undefined) return false
    }
    return true
  }

  /**
   * Leaves a turn of a session to whoever sees that the one before it has ended.
   *
   * @param steers the run that is told what is said, where it may still hear it.
   * @returns `there` for the one of the same id, which is left as it is; `taken` where its session has such a turn by now.
   */
  async queueTurn(start: Start, steers?: string): Promise<'queued' | 'there' | 'taken'> {
    const draft = await follow(this.#begin(start))
    const { row, writer } = this.#queued(start, draft)
    const messages = steers === undefined ? [] : [saidTo(steers, row, draft)]
    if ((await writer.write({ create: row, ...(messages.length > 0 && { messages }) })) === 'written') return 'queued'
    return (await follow(this.#isSame(row, draft, writer.secrets, 1))) ? 'there' : 'taken'
  }

  /** Leaves a run to a worker; the one of the same id is left as it is. */
  async enqueue(start: Start): Promise<void> {
    let isThere = false
    for (let tries = 1; !isThere; tries++) {
      const draft = await follow(this.#begin(start))
      const { row, writer } = this.#queued(start, draft)
      const result = await writer.write({ create: row })
      isThere = result === 'written' || (await follow(this.#isSame(row, draft, writer.secrets, tries)))
    }
  }

  /**
   * Leaves the run of a schedule to a worker, and moves the schedule on with the same write.
   *
   * @returns `exists` where there is a run of the id, `stale` where the schedule stands otherwise by then: nothing is done.
   */
  async fire({ fires, messages, ...start }: Fired): Promise<WriteResult['kind']> {
    const { row, writer } = this.#queued(start, await follow(this.#begin(start)))
    const alongside = { create: row, ...(fires && { fires }), ...(messages && { messages }) }
    return writer.write(alongside).catch((error: unknown) => {
      if (RepriseError.is(error) && error.code === 'run_lost') return 'stale'
      throw error
    })
  }

  /** The same within a transaction of the application's, with the secrets of lineages as they stand there. */
  *enqueueWithin(within: Within, start: Start): Steps<void> {
    let isThere = false
    for (let tries = 1; !isThere; tries++) {
      const draft = yield* this.#begin(start)
      const { row, writer } = this.#queued(start, draft)
      const { beginning, begun } = writer.beginBy(row)
      isThere = yield* got(within.begin(beginning))
      if (isThere) within.committed?.(begun)
      else isThere = yield* this.#isSame(row, draft, writer.secrets, tries)
    }
  }

  /**
   * Whether the run that has an id already is the same; false where it was deleted in between, and may begin anew.
   *
   * @throws what `checkSameStart` throws; DefinitionError with code `run_exists` where that was tried often enough.
   */
  *#isSame(row: RunRow, draft: Draft, secrets: Secrets, tries: number): Steps<boolean> {
    if (yield* checkSameStart(this.#stored, row, draft, secrets)) return true
    if (tries === MOST_TRIES) throw notFree(row.id)
    return false
  }

  #queued(start: Start, draft: Draft): { readonly row: RunRow; readonly writer: JournalWriter } {
    const row = this.#row({ ...start, status: 'queued' }, null)
    const writer = new JournalWriter(this.#engine, row, 0)
    writer.add(draft)
    return { row, writer }
  }

  /**
   * Leaves a run to a worker, with a first message in its inbox, in one write.
   *
   * @returns false where there is a run of the id: then nothing was left.
   * @throws StoreError with code `run_erased` where one was, and DefinitionError with code `run_exists` where none may be.
   */
  async enqueueWith(start: Start, message: () => Promise<InboxMessage>): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      const draft = await follow(this.#begin(start))
      const messages = [await message()]
      const { row, writer } = this.#queued(start, draft)
      if ((await writer.write({ create: row, messages })) === 'written') return true
      if (await this.#engine.store.run(row.id)) return false
      // Where it was erased, and deleted since, that is said here.
      await this.#engine.store.entries(row.id)
      if (tries === MOST_TRIES) throw notFree(row.id)
    }
  }

  expect(runId: string): void {
    if (!this.#expected.has(runId)) this.#expected.set(runId, Promise.withResolvers())
  }

  forgo(runId: string): void {
    this.#expected.get(runId)?.resolve()
    this.#expected.delete(runId)
  }

  /** Resolves when a run that is expected here is there, or will not be; at once for any other. */
  async begun(runId: string): Promise<void> {
    await this.#expected.get(runId)?.promise
  }

  async run({ runId: id, parent, begun, ...child }: ChildStart): Promise<ChildStanding> {
    const { id: parentId, lineageId, tenant, user, priority, effects, worked, turnsLeft } = parent
    const depth = parent.depth + 1
    const ending = notBegun(parent, child.definition.name, this.#engine.maxDepth)
    // One that has begun goes on, whatever was used since.
    if (ending && !(await this.#stored.run(id))) {
      this.forgo(id)
      return { kind: 'ended', ending, totals: NO_TOTALS }
    }
    try {
      await this.start({ ...child, id, parentId, lineageId, tenant, user, priority, effects, worked, depth, turnsLeft })
    } catch (error) {
      // The program's own fault is told to it.
      if (RepriseError.is(error) && error.name === 'DefinitionError' && !error.mendable) throw error
      return interruptedChild(error)
    } finally {
      this.forgo(id)
    }
    begun?.()
    return childStanding(await this.#driver.settled(id))
  }

  async goOn({ instead, to }: Rewound, worked: boolean): Promise<ChildStanding> {
    try {
      for (const runId of instead) await this.cancel(runId, insteadOf(to))
      await this.#driver.exclusively(to, () => this.#driver.open(to, worked))
    } catch (error) {
      return interruptedChild(error)
    }
    return childStanding(await this.#driver.settled(to))
  }

  /** One that is just being started is started first. */
  async cancel(runId: string, reason: string): Promise<void> {
    await this.#driver.exclusively(runId, async () => undefined)
    await this.#driver.cancel(runId, reason)
  }

  continueAs({ row, workflow, input, worked, unheard, effects, depth, turnsLeft }: Onward): NextContinuation {
    const { tags, tenant, user, priority, concurrency, deadlineAt, parentId, parentKey, lineageId, root, round } = row
    const parent = parentId === null || parentKey === null ? {} : { parentId, parentKey }
    const queued = { priority, concurrency, deadlineAt }
    const same = {
      tags,
      tenant,
      user,
      ...queued,
      lineageId,
      root,
      round: round + 1,
      worked,
      effects,
      depth,
      turnsLeft,
      ...parent,
    }
    const start = { id: nextContinuation(row.id), definition: workflow, input, context: undefined, ...same }
    const first = this.#draft(start, this.#accept(start))
    const next = this.#row(start, this.#engine.owner)
    const writer = new JournalWriter(this.#engine, next, 0)
    const kept = unheard.map((message, index) => {
      const before = unheard.slice(0, index).filter(({ signal }) => signal === message.signal)
      return messageDraft(message, before.length)
    })
    const entries = [first, ...kept].map((draft) => writer.add(draft))
    const { beginning, begun } = writer.beginBy(next)
    const drive = (): void => {
      begun()
      const session = sessionOf(this.#engine, { row: next, writer, definition: workflow, entries, worked })
      this.#driver.drive(session, next, { worked, before: row.id })
    }
    return { runId: next.id, beginning, drive }
  }

  /** The secrets of its lineage are at hand where it has any. */
  *#begin(start: Start): Steps<Draft> {
    this.#check(start.definition)
    const secrets = this.#secretsOf(start)
    if (secrets.kept && start.lineageId !== undefined) yield* secrets.loading()
    // Those of a run of this id are not for another tenant.
    else if (secrets.any || takesSecret(start.definition) !== undefined) {
      const row = yield* got(this.#stored.run(start.id))
      if (row) checkSameTenant(row, start.tenant ?? null)
    }
    const given = this.#accept(start)
    if (given.secrets.length > 0) yield* secrets.loading()
    return this.#draft(start, given)
  }

  /** A child is given tokens, and its schema holds for what they stand for. */
  #accept(start: Start): Given {
    const { definition, input, context, contextOf } = start
    this.#check(definition)
    const secrets = this.#secretsOf(start)
    refuseUnkept(definition, secrets)
    return accept(definition, secrets.reveal(input), secrets.reveal(context), contextOf)
  }

  #draft(start: Start, { secrets: values, ...given }: Given): Draft {
    const secrets = this.#secretsOf(start)
    secrets.learn(values)
    if (start.lineageId === undefined)
      for (const what of ['id', 'tenant', 'user'] as const)
        if (secrets.redact(start[what]) !== start[what]) throw secretName(start.definition, what)
    const digests = digestGiven(start.input, start.context, secrets.redact)
    return firstDraft(start.definition, secrets.redact(given), digests, start)
  }

  #row({ definition, ...first }: Start, owner: string | null): RunRow {
    const { redact } = this.#secretsOf(first)
    const tags = redact(first.tags ?? [])
    const { concurrency } = first
    if (concurrency && redact(concurrency.key) !== concurrency.key) throw secretKey(definition)
    return firstRow(definition, { ...first, tags, owner, now: this.#engine.clock.now() })
  }

  #secretsOf({ id, lineageId = id }: Pick<Start, 'id' | 'lineageId'>): Secrets {
    return this.#engine.secretsOf(lineageId)
  }
}

/** The first entries of a run: what it was given, and, of a turn of a session, what it goes on from. */
function beginningOf(writer: JournalWriter, draft: Draft, { id, definition, before }: Start): readonly Entry[] {
  const first = writer.add(draft)
  if (!before || first.kind !== 'run.started' || definition.kind === 'workflow') return [first]
  return [first, writer.add(joinDraft(id, before, planOf(definition), first.body.context))]
}

/** No run begins in a lineage that was erased, also once its runs are deleted, or that is another tenant's. */
function notFree(runId: string): DefinitionError {
  return new DefinitionError({
    code: 'run_exists',
    message: `The id "${runId}" is not free: no run has it, but what came of one that had it was erased, or is not of this tenant. Use another id.`,
    details: { runId },
  })
}

/** What was given is not said. */
function secretName({ kind, name }: AnyDefinition, what: 'id' | 'tenant' | 'user'): DefinitionError {
  const message = `The ${what} given for the run of ${kind} "${name}" holds a secret of it, and ${what}s are shown. Use another ${what}.`
  return new DefinitionError({ code: what === 'id' ? 'bad_run_id' : 'bad_text', message })
}

/** Runs of one key are to be found by it, and the key itself is not said. */
function secretKey({ kind, name }: AnyDefinition): DefinitionError {
  const message = `The concurrency key given for a run of ${kind} "${name}" holds a secret of it, and keys are shown. Use another key: an id, or a digest.`
  return new DefinitionError({ code: 'bad_concurrency', message })
}
