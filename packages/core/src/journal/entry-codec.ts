// Between an entry and its stored text. The journal writer turns what it adds into text here, and whoever reads a store
// turns it back. It keeps invariants 7 (live and after a crash a caller gets the decoded form of the stored text) and
// 10 (secrets are redacted before there is a text), and computes the one digest that the hash chain and the
// fingerprints use (invariant 4).
import type { Draft, Entry, EntryBodies, EntryKind } from '../contracts/entry.ts'
import type { StoredEntry } from '../contracts/write.ts'
import { digest } from '../values/digest.ts'
import { RepriseError } from '../values/errors.ts'
import { copyJson } from '../values/json.ts'
import { redactIn } from './redact.ts'
import type { Secrets } from './secrets.ts'

/**
 * Gives a draft its place and its stored text. The body is serialised here, once, and what comes out is what a reader
 * of the store would get (invariant 7).
 *
 * @param secrets of the run's lineage: none of them is in what is stored (invariant 10).
 */
export function encodeEntry(
  draft: Draft,
  seq: number,
  at: number,
  secrets?: Secrets,
): { readonly stored: StoredEntry; readonly entry: Entry } {
  const { kind, key, attempt } = draft
  // The draft's kind says which body this is.
  const said = { kind, body: copyJson(draft.body) } as Draft
  const { body } = secrets?.any ? redactIn(said, secrets.redact) : said
  const text = JSON.stringify(body)
  const stored: StoredEntry = { seq, key, kind, attempt, at, text, digest: digest(text) }
  return { stored, entry: { seq, key, kind, attempt, at, digest: stored.digest, body } as Entry }
}

/**
 * Decodes a stored entry.
 *
 * @throws RepriseError with code `journal_unreadable` when the text is not JSON.
 */
export function decodeEntry({ seq, key, kind, attempt, at, digest, text }: StoredEntry): Entry {
  try {
    const body = JSON.parse(text) as EntryBodies[EntryKind]
    // The kind says which body was written; the digest that the store checked says it is the one.
    return { seq, key, kind, attempt, at, digest, body } as Entry
  } catch (cause) {
    throw new RepriseError({
      code: 'journal_unreadable',
      message: `The entry ${seq} (${kind}) is not JSON: ${text.slice(0, 60)}`,
      details: { seq, kind },
      cause,
    })
  }
}
