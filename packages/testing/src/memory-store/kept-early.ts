import type { EarlyResult, InboxMessage } from '@reprise/core'

/** The messages of the memory store for runs that are not there. */
export class KeptEarly {
  readonly #messages = new Map<string, InboxMessage[]>()

  /** Leaves one. */
  leave(message: InboxMessage, limit: number): Exclude<EarlyResult, 'begun'> {
    const { runId, dedupe } = message
    const others = this.#messages.get(runId) ?? []
    if (others.some((other) => other.dedupe === dedupe)) return 'known'
    if (others.length >= limit) return 'full'
    this.#messages.set(runId, [...others, message])
    return 'left'
  }

  /** Gives those of a run that begins, and keeps them no longer. */
  move(runId: string): readonly InboxMessage[] {
    const messages = this.#messages.get(runId) ?? []
    this.#messages.delete(runId)
    return messages
  }

  /** Forgets what was left before a moment. */
  forget(before: number): void {
    for (const [runId, messages] of this.#messages) {
      const left = messages.filter(({ at }) => at >= before)
      if (left.length > 0) this.#messages.set(runId, left)
      else this.#messages.delete(runId)
    }
  }
}
