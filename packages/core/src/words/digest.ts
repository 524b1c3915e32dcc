import { crypto } from './crypto.ts'

/** A SHA-256 digest as 43 characters of base64url. */
export type Digest = string

/** Hashes text once, by the platform's one-shot SHA-256. */
export function digest(text: string): Digest {
  return crypto().hash('sha256', text, 'base64url')
}

/** Goes on from a running digest by one more: what a chain or a conversation so far is known by. */
export function digestNext(before: Digest, next: Digest): Digest {
  return crypto().hash('sha256', before + next, 'base64url')
}
