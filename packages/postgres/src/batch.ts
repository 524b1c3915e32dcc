import type {
  AuditNote,
  Digest,
  InboxMessage,
  NewFact,
  NewRun,
  RowChange,
  RunWrite,
  ScheduleChange,
  Secret,
  StoredEntry,
} from '@reprise/core'
import { BLOBS, chainNext, encodeBody, inboxPlace } from '@reprise/format'
import type { Cipher, Stored } from '@reprise/format'
import type { Kept } from './lineages.ts'
import { Pack } from './pack.ts'
import type { Packed } from './pack.ts'
import type { Put } from './put.ts'

/** An entry in its place: `n` is that of its run in the batch. */
export interface BatchEntry extends Pick<StoredEntry, 'seq' | 'key' | 'kind' | 'attempt' | 'at'> {
  readonly n: number
  readonly body: Packed
  readonly isSealed: boolean
  readonly hash: Digest
}

/** What becomes of a run's row. */
export interface BatchChange {
  row?: RowChange
  release?: NonNullable<RunWrite['release']>
  sound?: true
}

/** A run as a batch goes on with it. */
export interface BatchRun {
  readonly id: string
  readonly epoch: number
  /** The seq and the hash of the entry that the first one comes after; -1 where that is the first of all. */
  readonly before: number
  readonly hash: Digest
  /** Whether nothing but the row is written: that of a run that has ended stays. */
  isBare: boolean
}

/** A part that was cut out of the body of a run's entry. */
export interface BatchBlob {
  readonly n: number
  readonly address: Digest
  readonly part: Stored
  /** Where it stands: outside, or already `there`; undefined for one that goes to the database. */
  at?: Put | 'there'
}

/** A message as it is stored; `by` is the place of the run in the batch that leaves it; 0 for what has waited. */
export interface BatchMessage extends Omit<InboxMessage, 'body'> {
  readonly by: number
  readonly body: Stored
}

/** A message as it is stored for a run that begins, for which it has waited. */
export type MovedMessage = Omit<BatchMessage, 'by'>

/** All that one transaction writes, gathered so that few statements carry it. */
export class Batch {
  readonly created: { readonly row: NewRun; readonly keyId: string | null }[] = []
  readonly runs: BatchRun[] = []
  readonly entries: BatchEntry[] = []
  readonly blobs: BatchBlob[] = []
  readonly changes = new Map<number, BatchChange>()
  readonly consumed: { readonly n: number; readonly dedupe: string }[] = []
  readonly messages: BatchMessage[] = []
  /** The runs that begin and have messages that waited for them. */
  readonly awaited: string[] = []
  /** Who did what; `n` is the place of the run whose write tells it. */
  readonly notes: { readonly n: number; readonly note: AuditNote }[] = []
  /** Schedules that are moved on, each where it stands as it was seen. */
  readonly fired: { readonly change: ScheduleChange; readonly kept: Kept }[] = []
  /** Facts that runs have learned. */
  readonly facts: { readonly fact: NewFact; readonly kept: Kept }[] = []
  readonly adopts: { readonly runId: string; readonly parentId: string; readonly parentKey: string }[] = []
  /** Runs that begin in the place of another, and have its parent. */
  readonly successors: { readonly runId: string; readonly before: string }[] = []
  readonly secrets: { readonly lineageId: string; readonly cipher: Cipher; readonly secrets: readonly Secret[] }[] = []
  /** Bodies and blobs, one after the other: an array of texts would have each of their quotes escaped. */
  readonly pack = new Pack()
  /** Whether it is to be said how many secrets the lineages have. */
  isCounting = false
  readonly #places = new Map<string, number>()

  /** The place of a run, from 1. */
  place(run: Omit<BatchRun, 'isBare'>): number {
    const known = this.#places.get(run.id)
    if (known !== undefined) return known
    const place = this.runs.push({ ...run, isBare: false })
    this.#places.set(run.id, place)
    return place
  }

  /** Tells who did what with a run's write. */
  note(n: number, notes: readonly AuditNote[]): void {
    for (const note of notes) this.notes.push({ n, note })
  }

  /** Leaves for a run that begins what has waited for it. */
  welcome(runId: string, messages: readonly MovedMessage[]): void {
    if (messages.length === 0) return
    this.awaited.push(runId)
    for (const message of messages) this.messages.push({ ...message, by: 0 })
  }

  /** Says of a run that nothing but its row is written. */
  bare(n: number): void {
    const run = this.runs[n - 1]
    if (run) run.isBare = true
  }

  /** Adds an entry. @returns its hash. */
  append(n: number, runId: string, cipher: Cipher, before: Digest, entry: StoredEntry): Digest {
    const { seq, key, kind, attempt, at, text } = entry
    const hash = chainNext(cipher, before, entry)
    const { body, blobs } = encodeBody(text, cipher)
    const sealed = cipher.seal(body, runId, seq)
    const isSealed = typeof sealed !== 'string'
    this.entries.push({ n, seq, key, kind, attempt, at, body: this.pack.add(sealed), isSealed, hash })
    for (const { address, text: part } of blobs)
      this.blobs.push({ n, address, part: cipher.seal(part, BLOBS, address) })
    return hash
  }

  /**
   * Adds what a write does beside its entries.
   *
   * @param cipherOf how the lineage of a run is kept; undefined where the run is not there.
   */
  finish(n: number, write: RunWrite, cipherOf: (runId: string) => Cipher | undefined): void {
    const { runId, row, consumed = [], messages = [], adopts = [], release, sound } = write
    if (row || release || sound) {
      const change = this.changes.get(n) ?? {}
      if (row) change.row = row
      if (release) change.release = release
      if (sound) change.sound = sound
      this.changes.set(n, change)
    }
    if (write.countSecrets) this.isCounting = true
    for (const dedupe of consumed) this.consumed.push({ n, dedupe })
    for (const message of messages) {
      const cipher = cipherOf(message.runId)
      if (!cipher) continue
      const body = cipher.seal(JSON.stringify(message.body), message.runId, inboxPlace(message.dedupe))
      this.messages.push({ ...message, by: n, body })
    }
    for (const child of adopts) this.adopts.push({ ...child, parentId: runId })
  }
}
