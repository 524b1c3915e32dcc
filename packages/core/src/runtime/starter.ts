// Begins runs: those that a program starts or enqueues, children of workflows, and runs that go on in another's place.
import { emptyState, fold } from '../agent/fold.ts'
import type { Draft, Effects, Entry } from '../contracts/entry.ts'
import type { RunRow } from '../contracts/run.ts'
import { type AnyDefinition, planOf } from '../define/plan.ts'
import { firstDraft, type FirstRow, firstRow } from '../engine/begin.ts'
import type { Children, ChildStanding, ChildStart, Onward } from '../engine/children.ts'
import type { Driven } from '../engine/driven.ts'
import type { Engine } from '../engine/engine.ts'
import { JournalWriter } from '../engine/journal-writer.ts'
import { Session } from '../engine/session.ts'
import { messageDraft, WorkflowSession } from '../engine/workflow-session.ts'
import type { Driver } from './driver.ts'
import type { Outcome } from './outcome.ts'
import { nextRound } from '../journal/rounds.ts'
import { checkSameStart } from './same-start.ts'

/** What a run is begun with. */
export interface Start extends Omit<FirstRow, 'owner' | 'now'> {
  /** @default 'live' */
  readonly effects?: Effects
  readonly definition: AnyDefinition
  readonly input: unknown
  readonly context: unknown
  /** Whether a workflow's run is given up while it waits for long. @default false */
  readonly worked?: boolean
}

/** Begins runs of one runtime. */
export class Starter implements Children {
  readonly #engine: Engine
  readonly #driver: Driver
  /** Refuses definitions that are not this runtime's. */
  readonly #check: (definition: AnyDefinition) => void

  constructor(engine: Engine, driver: Driver, check: (definition: AnyDefinition) => void) {
    this.#engine = engine
    this.#driver = driver
    this.#check = check
  }

  /** Begins a run, or takes up the one of the same id, and drives it; resolves when its beginning is durable. */
  async start(start: Start): Promise<void> {
    const draft = this.#draft(start)
    await this.#driver.exclusively(start.id, async () => {
      const row = this.#row(start, this.#engine.owner)
      const writer = new JournalWriter(this.#engine, row.id, row.epoch, 0)
      const entry = writer.add(draft)
      if (!this.#driver.drives(row.id) && (await writer.write({ create: row })) === 'written') {
        return this.#driver.drive(this.#session(row, start, [entry], writer), row, start)
      }
      await checkSameStart(this.#engine.store, row.id, draft)
      return this.#driver.open(row.id, start.worked)
    })
  }

  /** Leaves a run to a worker; the one of the same id is left as it is. */
  async enqueue(start: Start): Promise<void> {
    const draft = this.#draft(start)
    const row = this.#row({ ...start, status: 'queued' }, null)
    const writer = new JournalWriter(this.#engine, row.id, row.epoch, 0)
    writer.add(draft)
    if ((await writer.write({ create: row })) === 'exists') await checkSameStart(this.#engine.store, row.id, draft)
  }

  async run({ runId: id, parent, ...child }: ChildStart): Promise<ChildStanding> {
    const { id: parentId, lineageId, effects } = parent
    await this.start({ ...child, id, parentId, lineageId, effects })
    return childStanding(await this.#driver.settled(id))
  }

  /** One that is just being started is started first. */
  async cancel(runId: string, reason: string): Promise<void> {
    await this.#driver.exclusively(runId, async () => undefined)
    await this.#driver.cancel(runId, reason)
  }

  continueAs({ row, workflow, input, worked, effects, unheard }: Onward): {
    readonly runId: string
    readonly written: Promise<void>
  } {
    const { tags, priority, parentId, parentKey, lineageId } = row
    const parent = parentId === null || parentKey === null ? {} : { parentId, parentKey }
    const like = { tags, priority, lineageId, effects, worked, ...parent }
    const start = { id: nextRound(row.id), definition: workflow, input, context: undefined, ...like }
    const next = this.#row(start, this.#engine.owner)
    const writer = new JournalWriter(this.#engine, next.id, next.epoch, 0)
    const kept = unheard.map((message, index) => {
      const before = unheard.slice(0, index).filter(({ signal }) => signal === message.signal)
      return messageDraft(message, before.length)
    })
    const entries = [this.#draft(start), ...kept].map((draft) => writer.add(draft))
    const written = writer.write({ create: next }).then((result) => {
      if (result === 'written')
        this.#driver.drive(this.#session(next, start, entries, writer), next, { worked, before: row.id })
    })
    return { runId: next.id, written }
  }

  #draft({ definition, input, context, effects }: Start): Draft {
    this.#check(definition)
    return firstDraft(definition, input, context, effects)
  }

  #row({ definition, ...first }: Start, owner: string | null): RunRow {
    return firstRow(definition, { ...first, owner, now: this.#engine.clock.now() })
  }

  #session(
    row: RunRow,
    { definition, worked = false }: Start,
    entries: readonly Entry[],
    writer: JournalWriter,
  ): Driven {
    if (definition.kind === 'workflow')
      return new WorkflowSession(this.#engine, { row, workflow: definition, entries, writer, worked })
    const state = entries.reduce(fold, emptyState())
    const parts = {
      row,
      plan: planOf(definition),
      state,
      writer,
      callIds: new Set<string>(),
    }
    return new Session(this.#engine, parts)
  }
}

function childStanding(outcome: Outcome): ChildStanding {
  const { totals } = outcome
  switch (outcome.kind) {
    case 'waiting':
      return { kind: outcome.waiting.kind === 'interrupted' ? 'stopped' : 'rests' }
    case 'completed':
      return { kind: 'ended', ending: { kind: 'completed', output: outcome.output }, totals }
    case 'cancelled':
      return { kind: 'ended', ending: { kind: 'cancelled', reason: outcome.reason }, totals }
    case 'failed':
    case 'refused':
    case 'incomplete':
    case 'over-budget':
      return { kind: 'ended', ending: { kind: outcome.kind, error: outcome.error }, totals }
    default:
      return outcome satisfies never
  }
}
