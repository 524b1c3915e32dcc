// The life of one process: it starts a run or takes it up, and does for it what people have to do, until it ends or dies.
import {
  createRuntime,
  DefinitionError,
  type Model,
  ModelError,
  type ModelRequest,
  type Outcome,
  type Owners,
  type Runtime,
} from '@reprise/core'
import { type CrashingStore, type ManualClock, scriptedModel } from '@reprise/testing'
import { type Deed, type Doer, type Ledger, Outside, upon } from '../stories/outside.ts'
import type { BookingStore } from '../journal-store.ts'
import type { Stillness } from '../stillness.ts'
import { answer } from '../stories/agents.ts'
import { definitions } from '../stories/stories.ts'
import type { Story } from '../stories/story.ts'
import { go } from '../stories/workflows.ts'

/** How long anything may take, in milliseconds of the clock. */
const PATIENCE_MS = 600_000

/** The run that a life is about. */
export const RUN = 'r'

/** What a process lives with. */
export interface Life {
  readonly story: Story
  /** Whether somebody says what the run may hear in its time. */
  readonly sent: boolean
  readonly store: CrashingStore
  readonly ledger: Ledger
  readonly book: BookingStore['book']
  /** Tells when the store is done with all that it was asked. */
  readonly still: Stillness
  readonly clock: ManualClock
  readonly owners?: Owners
  /** Sees what reaches the world. */
  readonly sees?: {
    readonly asks: (request: ModelRequest) => void
    readonly begins: (deed: Deed, doer: Doer) => void
    readonly ends: (doer: Doer) => void
  }
}

/**
 * Lives until the run has ended.
 *
 * @throws Crash where the process dies.
 */
export async function live(life: Life): Promise<Outcome<unknown>> {
  const runtime = open(life)
  for (let tries = 0; tries < 30; tries++) {
    const run = await pumped(life, runtime.start(life.story.definition, life.story.input as never, { id: RUN }))
    if (life.sent && life.story.hears === 'go')
      await pumped(life, runtime.send(RUN, go, null, { id: '1' }).catch(unlessEnded))
    const outcome = await pumped(life, run.outcome())
    if (outcome.kind !== 'waiting') return outcome
    // What has died says nothing more.
    await life.store.owners()
    await pumped(life, help(life, runtime))
  }
  throw new Error('The run does not end, whatever people do for it.')
}

function open({ story, store, ledger, book, clock, owners, sees }: Life): Runtime {
  const failed = new Map<string, number>()
  /** The first times fail, so often. */
  const fails = (what: string): boolean => {
    const times = failed.get(what) ?? 0
    failed.set(what, times + 1)
    return times < (story.failures ?? 0)
  }
  const model: Model = scriptedModel(async (request) => {
    await store.owners()
    sees?.asks(request)
    if (fails(`model ${request.runId} ${request.items.length}`))
      return new ModelError({ code: 'busy', message: 'The model is busy.', retryable: true, retryAfterMs: 700 })
    return answer(request)
  })
  const outside = new Outside(ledger, book, {
    reach: async (deed, doer, what, perform) => {
      if (deed === 'look') return
      if (fails(`${deed} ${what} ${doer.idempotencyKey}`)) throw new Error(`It did not work to ${deed} ${what}.`)
      sees?.begins(deed, doer)
      store.effect(perform)
      sees?.ends(doer)
    },
    book: (doer, perform) => {
      sees?.begins('book', doer)
      return upon(store.effect(perform), () => sees?.ends(doer))
    },
  })
  return createRuntime({
    store,
    models: model,
    definitions,
    services: outside,
    clock,
    random: () => 0.5,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    ...(owners && { owners }),
  })
}

/** Lets time go on until something is settled. */
async function pumped<T>({ clock, still }: Life, promise: Promise<T>): Promise<T> {
  let settled = false
  const done = (): void => {
    settled = true
  }
  promise.then(done, done)
  const end = clock.now() + PATIENCE_MS
  while (!settled) {
    // The clock stands while the store is at work: that takes the machine's own time.
    await still.come()
    if (settled) break
    if (clock.now() > end) throw new Error('Nothing comes of it.')
    await clock.advance(Math.max(0, (clock.nextWake ?? 0) - clock.now()))
  }
  return promise
}

/** Does what people have to do for all runs that wait for them. */
async function help(life: Life, runtime: Runtime): Promise<void> {
  for (const { id, waiting } of await runtime.runs.list()) {
    if (waiting?.kind === 'approval') {
      const { until } = waiting
      if (until === undefined || life.sent) await runtime.approve(id, waiting.id, { by: 'ana' })
      else await life.clock.advance(Math.max(0, until - life.clock.now()))
    }
    if (waiting?.kind !== 'in-doubt') continue
    // Whoever looks at the world sees whether it happened.
    const happened = life.ledger.has(`${id}/${waiting.key}`)
    await runtime.settleDoubt(id, waiting.id, happened ? { happened, result: 'seen' } : { happened }, 'ana')
  }
}

function unlessEnded(error: unknown): void {
  if (!DefinitionError.is(error) || error.code !== 'run_ended') throw error
}
