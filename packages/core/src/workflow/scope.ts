// Where in a workflow's code a call stands (invariant 3): the branches above it, its kind and name, and which use it is.
import { checkText } from '../define/names.ts'
import { DefinitionError } from '../values/errors.ts'
import type { Execution } from './execution.ts'
import { Unsaid } from './unsaid.ts'

/** The keys of one branch of a workflow. */
export class Scope {
  readonly path: string
  /** What was asked here that no entry has said yet. */
  readonly unsaid: Unsaid
  readonly #execution: Pick<Execution, 'isOpen' | 'misused'>
  readonly #uses = new Map<string, number>()
  /** The combinator whose branches run inside of this scope now. */
  #busy: string | undefined

  /** @param before what the scope around it had asked when this one began. */
  constructor(path: string, execution: Pick<Execution, 'isOpen' | 'misused'>, before = '') {
    this.path = path
    this.unsaid = new Unsaid(before)
    this.#execution = execution
  }

  /**
   * Gives the key of the next use of a name here: `step:publish`, then `step:publish#2`; with a key of its own,
   * `step:publish(eu)`.
   *
   * @throws DefinitionError when the use before is under way, or branches of this scope are: they have contexts of their
   * own.
   */
  key(kind: string, name: string, own?: string): string {
    if (this.#busy !== undefined) throw this.#execution.misused(outerContext(this.#busy, kind, name))
    if (own !== undefined) checkText(`${kind}${name && ` "${name}"`}`, 'key', own)
    const base = `${this.path}${kind}${name && `:${name}`}${own === undefined ? '' : `(${escape(own)})`}`
    const before = this.#uses.get(base) ?? 0
    if (before > 0 && this.#execution.isOpen(nth(base, before))) throw this.#execution.misused(nameInUse(base))
    this.#uses.set(base, before + 1)
    return nth(base, before + 1)
  }

  /** Keeps this scope from being used while branches run. */
  async while<T>(key: string, run: () => Promise<T>): Promise<T> {
    this.#busy = key
    try {
      return await run()
    } finally {
      this.#busy = undefined
    }
  }
}

/** A key of the user's own may hold anything, and must not read like a part of another key. */
function escape(own: string): string {
  return encodeURIComponent(own).replace(/[()]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
}

function nth(base: string, use: number): string {
  return use === 1 ? base : `${base}#${use}`
}

function nameInUse(key: string): DefinitionError {
  return new DefinitionError({
    code: 'name_in_use',
    message:
      `The workflow uses "${key}" again while it is still under way, so nobody could tell the two apart after a crash. ` +
      `Await the first, give each a key of its own ({ key }), or use ctx.map.`,
    details: { key },
  })
}

function outerContext(busy: string, kind: string, name: string): DefinitionError {
  const what = name ? `${kind} "${name}"` : kind
  return new DefinitionError({
    code: 'outer_context',
    message:
      `The workflow calls ${what} on the outer ctx while the branches of ${busy} are under way. ` +
      `In a branch, use the ctx that it is given: (item, ctx) => ctx.${kind}(...). Beside the branches, await them first, or make it one of them.`,
    details: { busy, kind, name },
  })
}
