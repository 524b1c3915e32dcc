// The ctx that the code of a workflow holds.
import type { UserInput } from '../contracts/item.ts'
import type { AnyDefinition } from '../define/plan.ts'
import { checkMs, checkName, checkText } from '../define/names.ts'
import { retryPolicy, TOOL_RETRY } from '../define/retry.ts'
import type { Signal } from '../define/signal.ts'
import type { Branch, Keyed, Settled, StepContext, StepOptions, WorkflowContext } from '../define/workflow-context.ts'
import { givenDigest } from '../journal/fingerprint.ts'
import { TimedOutError } from '../values/errors.ts'
import { Branches } from './branches.ts'
import { Continue } from './continue.ts'
import { checkNotInStep, inStep } from './in-step.ts'
import { timeoutKey } from './op.ts'
import { randomOf, uuidOf } from './random.ts'
import type { Scope } from './scope.ts'
import type { Shared } from './shared.ts'
import { placed } from './tell.ts'

/** Makes the ctx of a scope: of the code as a whole, or of a branch. */
export function makeContext(shared: Shared, scope: Scope, signal: AbortSignal): WorkflowContext {
  return new Context(shared, scope, signal) as unknown as WorkflowContext
}

/** The types of `WorkflowContext` say more than a class can: here inputs and outputs are unknown. */
class Context {
  readonly runId: string
  readonly signal: AbortSignal
  readonly #shared: Shared
  readonly #scope: Scope
  readonly #branches: Branches

  constructor(shared: Shared, scope: Scope, signal: AbortSignal) {
    this.runId = shared.runId
    this.signal = signal
    this.#shared = shared
    this.#scope = scope
    this.#branches = new Branches(shared, scope, signal, makeContext)
  }

  agent(
    definition: AnyDefinition,
    input: string | UserInput,
    options: Keyed & { readonly context?: unknown } = {},
  ): Promise<unknown> {
    return handled(this.#child('agent', definition, input, options.context, options))
  }

  child(definition: AnyDefinition, input: unknown, options: Keyed = {}): Promise<unknown> {
    return handled(this.#child('child', definition, input, undefined, options))
  }

  step(name: string, run: (step: StepContext) => unknown, options: StepOptions = {}): Promise<unknown> {
    return handled(this.#step(name, run, options))
  }

  sleep(ms: number, options: Keyed = {}): Promise<void> {
    return handled(this.#sleep(ms, options))
  }

  receive(signal: Signal, options: Keyed & { readonly timeoutMs?: number } = {}): Promise<unknown> {
    return handled(this.#receive(signal, options))
  }

  map<T, R>(
    items: readonly T[],
    each: (item: T, ctx: WorkflowContext, index: number) => Promise<R>,
    options: Keyed & { readonly concurrency?: number; readonly failures?: 'throw' | 'collect' } = {},
  ): Promise<R[] | Settled<R>[]> {
    return handled(this.#map(items, each, options))
  }

  all(branches: readonly Branch<unknown>[], options: Keyed = {}): Promise<unknown[]> {
    return handled((async () => this.#branches.all(this.#key('all', '', options), branches))())
  }

  race(branches: readonly Branch<unknown>[], options: Keyed = {}): Promise<unknown> {
    return handled((async () => this.#branches.race(this.#key('race', '', options), branches))())
  }

  continueAs(input: unknown): never {
    // It is no error: code that catches errors should let it be.
    throw new Continue(input)
  }

  now(): number {
    return this.#shared.execution.now
  }

  random(): number {
    return randomOf(this.#shared.execution.seed, this.#draw('random'))
  }

  uuid(): string {
    return uuidOf(this.#shared.execution.seed, this.#draw('uuid'))
  }

  patched(id: string): boolean {
    checkNotInStep(this.#shared.execution, 'patched', id)
    checkText('ctx.patched', 'id', id)
    return this.#shared.execution.patched(id)
  }

  async #step(name: string, run: (step: StepContext) => unknown, options: StepOptions): Promise<unknown> {
    checkName('A step', name)
    const key = this.#key('step', name, options)
    const retry = retryPolicy(`Step "${name}"`, options.retry, TOOL_RETRY)
    const { execution } = this.#shared
    return execution.ask({ kind: 'step', key, after: this.#said(), name, run: inStep(execution, name, run), retry })
  }

  async #sleep(ms: number, options: Keyed): Promise<void> {
    checkMs('ctx.sleep', 'ms', ms)
    const key = this.#key('sleep', '', options)
    await this.#shared.execution.ask({ kind: 'timer', key, after: this.#said(), ms })
  }

  async #receive(signal: Signal, { timeoutMs, ...keyed }: Keyed & { readonly timeoutMs?: number }): Promise<unknown> {
    if (timeoutMs !== undefined) checkMs('ctx.receive', 'timeoutMs', timeoutMs)
    const key = this.#key('receive', signal.name, keyed)
    const { execution } = this.#shared
    // Where it has a time, the timer's entry says it.
    if (timeoutMs === undefined) this.#unsaid(`receive:${signal.name}`, key)
    const message = handled(execution.ask({ kind: 'receive', key, signal: signal.name }))
    if (timeoutMs === undefined) return message
    const late = placed(
      new TimedOutError({
        code: 'receive_timeout',
        message: `The signal "${signal.name}" did not come within ${timeoutMs} ms.`,
        details: { signal: signal.name, timeoutMs },
      }),
      key,
    )
    const timeout = execution.ask({ kind: 'timer', key: timeoutKey(key), after: this.#said(), ms: timeoutMs }).then(
      () => execution.cancelOne(key, late),
      () => undefined,
    )
    try {
      return await message
    } finally {
      // Where the message came first, nobody waits for the timer.
      execution.cancelOne(timeoutKey(key), late)
      await timeout
    }
  }

  async #map<T, R>(
    items: readonly T[],
    each: (item: T, ctx: WorkflowContext, index: number) => Promise<R>,
    options: Keyed & { readonly concurrency?: number; readonly failures?: 'throw' | 'collect' },
  ): Promise<R[] | Settled<R>[]> {
    return this.#branches.map(this.#key('map', '', options), items, each, options)
  }

  async #child(
    kind: string,
    definition: AnyDefinition,
    input: unknown,
    context: unknown,
    options: Keyed,
  ): Promise<unknown> {
    const key = this.#key(kind, definition.name, options)
    const inputDigest = givenDigest(definition.name, [input, context ?? null])
    const runId = this.#shared.childId(key)
    const after = this.#said()
    return this.#shared.execution.ask({ kind: 'child', key, after, runId, definition, input, context, inputDigest })
  }

  /** Draws the next of what follows from the run's seed. */
  #draw(kind: 'random' | 'uuid'): string {
    const key = this.#key(kind, '', {})
    this.#unsaid(kind, key)
    return key
  }

  /** Takes note of what has no entry of its own. */
  #unsaid(base: string, key: string): void {
    this.#scope.unsaid.add(base, key.slice(this.#scope.path.length))
  }

  /** What is said along with the next entry of this scope. */
  #said(): string {
    return this.#shared.execution.said(this.#scope.unsaid.take())
  }

  #key(kind: string, name: string, { key }: Keyed): string {
    checkNotInStep(this.#shared.execution, kind, name)
    this.signal.throwIfAborted()
    return this.#scope.key(kind, name, key)
  }
}

/** What nobody awaits yet must not end the process when it fails: whoever awaits it hears of it. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
