// Parts of a workflow that run side by side, each in a scope of its own: all, map and race.
import { checkCount } from '../define/names.ts'
import type { Branch, Settled, WorkflowContext } from '../define/workflow-context.ts'
import { CancelledError, isOf, messageOf } from '../values/errors.ts'
import { Continue } from './continue.ts'
import { Scope } from './scope.ts'
import type { Shared } from './shared.ts'
import { placed } from './tell.ts'
import { sayItem } from './unsaid.ts'

const DEFAULT_CONCURRENCY = 8

type MakeContext = (shared: Shared, scope: Scope, signal: AbortSignal) => WorkflowContext

/** A branch under way. */
interface Begun {
  readonly scope: Scope
  readonly ended: Promise<Ended>
  readonly cancel: (why: string) => void
}

/** How a branch ended. */
type Ended = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown }

/** Runs the branches of one scope. */
export class Branches {
  readonly #shared: Shared
  readonly #scope: Scope
  readonly #signal: AbortSignal
  readonly #makeContext: MakeContext

  constructor(shared: Shared, scope: Scope, signal: AbortSignal, makeContext: MakeContext) {
    this.#shared = shared
    this.#scope = scope
    this.#signal = signal
    this.#makeContext = makeContext
  }

  /** As the context's `map`. */
  async map<T, R>(
    key: string,
    items: readonly T[],
    each: (item: T, ctx: WorkflowContext, index: number) => Promise<R>,
    { concurrency = DEFAULT_CONCURRENCY, failures = 'throw' }: { concurrency?: number; failures?: 'throw' | 'collect' },
  ): Promise<R[] | Settled<R>[]> {
    checkCount(`ctx.map at ${key}`, 'concurrency', concurrency)
    const before = this.#scope.unsaid.text
    const ended: Ended[] = []
    const scopes: Scope[] = []
    let next = 0
    const worker = async (): Promise<void> => {
      for (let index = next++; index < items.length; index = next++) {
        // Up to the length of the list each place has an item.
        const item = items[index] as T
        const branch = this.#begin(
          `${key}/item:${index}/`,
          (ctx) => each(item, ctx, index),
          `${before} ${sayItem(item)}`,
        )
        scopes[index] = branch.scope
        ended[index] = await branch.ended
        if (failures === 'throw' && !ended[index]?.ok) next = items.length
      }
    }
    await this.#scope.while(key, () => Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker)))
    // Items that were not begun leave holes, which map passes over: the failure that kept them is thrown first.
    const results = failures === 'collect' ? ended.map((end) => settled<R>(end)) : ended.map((end) => unwrap(end) as R)
    this.#takeOver(scopes)
    return results
  }

  /** As the context's `all`. */
  all(key: string, branches: readonly Branch<unknown>[]): Promise<unknown[]> {
    return this.#scope.while(key, async () => {
      const { text } = this.#scope.unsaid
      const begun = branches.map((branch, index) => this.#begin(`${key}/branch:${index}/`, branch, text))
      let first: Ended | undefined
      const watched = begun.map(async ({ ended }) => {
        const end = await ended
        if (!end.ok && !first) {
          first = end
          for (const other of begun) other.cancel(`Another branch of ${key} has failed.`)
        }
        return end
      })
      const ended = await Promise.all(watched)
      if (first) unwrap(first)
      this.#takeOver(begun.map(({ scope }) => scope))
      return ended.map(unwrap)
    })
  }

  /** As the context's `race`. */
  race(key: string, branches: readonly Branch<unknown>[]): Promise<unknown> {
    checkCount(`ctx.race at ${key}`, 'branches', branches.length)
    return this.#scope.while(key, async () => {
      const after = this.#scope.unsaid.take()
      const begun = branches.map((branch, index) => this.#begin(`${key}/branch:${index}/`, branch, after))
      const won = await Promise.race(begun.map(({ ended }, branch) => ended.then((end) => ({ branch, end }))))
      // A race in a branch that was cancelled has no winner.
      this.#signal.throwIfAborted()
      const race = { key, after: this.#shared.execution.said(after), branch: won.branch, of: branches.length }
      await this.#shared.execution.ask({ kind: 'race', ...race })
      for (const other of begun) other.cancel(`Another branch of ${key} has won.`)
      await Promise.all(begun.map(({ ended }) => ended))
      const value = unwrap(won.end)
      this.#takeOver(begun.slice(won.branch, won.branch + 1).map(({ scope }) => scope))
      return value
    })
  }

  /** What branches asked last, and no entry of theirs has said, is said by the next entry of the scope around them. */
  #takeOver(scopes: readonly Scope[]): void {
    for (const { path, unsaid } of scopes)
      if (unsaid.own !== '') this.#scope.unsaid.add(path, `${path.slice(this.#scope.path.length)}${unsaid.own}`)
  }

  /** @param before what was asked before it that no entry says. */
  #begin(path: string, branch: Branch<unknown>, before: string): Begun {
    const own = new AbortController()
    const scope = new Scope(path, this.#shared.execution, before.trim())
    const ctx = this.#makeContext(this.#shared, scope, AbortSignal.any([this.#signal, own.signal]))
    const ended = (async () => branch(ctx))().then(
      (value): Ended => ({ ok: true, value }),
      (error: unknown): Ended => ({ ok: false, error }),
    )
    const cancel = (why: string): void => {
      const reason = placed(new CancelledError({ code: 'branch_cancelled', message: why }), path)
      own.abort(reason)
      this.#shared.execution.cancelUnder(path, reason)
    }
    return { scope, ended, cancel }
  }
}

function unwrap(end: Ended): unknown {
  if (end.ok) return end.value
  throw end.error
}

function settled<R>(end: Ended): Settled<R> {
  if (!end.ok && isOf(end.error, Continue)) throw end.error
  return end.ok ? { ok: true, value: end.value as R } : { ok: false, error: asError(end.error) }
}

function asError(error: unknown): Error {
  return isOf(error, Error) ? error : new Error(messageOf(error))
}
