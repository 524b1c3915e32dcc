import { crypto } from './crypto.ts'

/** A SHA-256 digest as 43 characters of base64url. */
export type Digest = string

/**
 * Hashes text once, by the platform's one-shot SHA-256.
 *
 * @example
 * ```ts
 * import { digest } from '@reprise/core'
 *
 * console.log(digest('abc')) // ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0
 * ```
 */
export function digest(text: string): Digest {
  return crypto().hash('sha256', text, 'base64url')
}

/**
 * Goes on from a running digest by one more: what a chain or a conversation so far is known by.
 *
 * @example
 * ```ts
 * import { type Digest, digest, digestNext } from '@reprise/core'
 *
 * let head: Digest = ''
 * for (const line of ['order placed', 'order paid']) head = digestNext(head, digest(line))
 * ```
 */
export function digestNext(before: Digest, next: Digest): Digest {
  return crypto().hash('sha256', before + next, 'base64url')
}
