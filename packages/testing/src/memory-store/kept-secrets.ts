// The secrets of each lineage as the memory store keeps them.
import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import type { LineageSecrets, Secret } from '@reprise/core'

/** Secrets by lineage and token, in the order in which they came, and the key from which tokens follow. */
export class KeptSecrets {
  readonly #secrets = new Map<string, Map<string, Secret>>()
  readonly #key = createSecretKey(randomBytes(32))

  /** How many secrets a lineage has. */
  count(lineageId: string): number {
    return this.#secrets.get(lineageId)?.size ?? 0
  }

  /** Keeps those that are new. */
  keep(lineageId: string, secrets: readonly Secret[] = []): void {
    if (secrets.length === 0) return
    const kept = this.#secrets.get(lineageId) ?? new Map<string, Secret>()
    this.#secrets.set(lineageId, kept)
    for (const secret of secrets) if (!kept.has(secret.token)) kept.set(secret.token, secret)
  }

  /** Gives the secrets of a lineage from the `from`th on, and what makes a token of a value there. */
  of(lineageId: string, from: number): LineageSecrets {
    const token = (value: string): string =>
      `secret_${createHmac('sha256', this.#key).update(`${lineageId} ${value}`).digest('base64url').slice(0, 22)}`
    return { token, secrets: [...(this.#secrets.get(lineageId)?.values() ?? [])].slice(from) }
  }

  forget(lineageId: string): void {
    this.#secrets.delete(lineageId)
  }

  /** Forgets the secrets of all other lineages. */
  forgetAllBut(left: ReadonlySet<string>): void {
    for (const lineageId of this.#secrets.keys()) if (!left.has(lineageId)) this.#secrets.delete(lineageId)
  }
}
