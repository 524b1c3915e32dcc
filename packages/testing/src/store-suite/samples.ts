import { digest } from '@reprise/core'
import type { EntryKind, InboxMessage, Json, RunRow, RunWrite, StoredEntry } from '@reprise/core'

/**
 * Makes a run's row: run `id`, begun by owner `ann` at epoch 1.
 *
 * @example
 * ```ts no-run: this entry is for files that Vitest runs
 * import { sampleRow } from '@reprise/testing/store-suite'
 *
 * const queued = sampleRow('a', { status: 'queued', owner: null, priority: 5 })
 * ```
 */
export function sampleRow(id: string, rest: Partial<RunRow> = {}): RunRow {
  const totals = { turns: 0, calls: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0, costNano: 0, unpriced: 0 }
  return {
    id,
    kind: 'agent',
    name: 'support',
    version: 1,
    parentId: null,
    parentKey: null,
    lineageId: id,
    forkOf: null,
    forkSeq: null,
    sessionId: null,
    turn: null,
    root: id,
    round: 1,
    status: 'running',
    waiting: null,
    waits: [],
    wakeAt: null,
    priority: 0,
    tags: [],
    tenant: null,
    user: null,
    concurrency: null,
    expireAt: null,
    deadlineAt: null,
    owner: 'ann',
    epoch: 1,
    attempts: 1,
    createdAt: 1_764_000_000_000,
    endedAt: null,
    erasedAt: null,
    totals,
    ...rest,
  }
}

/**
 * Makes an entry whose body is `body`, or a small one, and which gets its run further, unless `kind` is another.
 *
 * @example
 * ```ts no-run: this entry is for files that Vitest runs
 * import { memoryStore } from '@reprise/testing'
 * import { beginning, sampleEntry } from '@reprise/testing/store-suite'
 *
 * const store = memoryStore()
 * await store.commit([beginning('a')])
 * await store.commit([{ runId: 'a', epoch: 1, entries: [sampleEntry(1, { answer: 42 }), sampleEntry(2)] }])
 * ```
 */
export function sampleEntry(
  seq: number,
  body: Json = { name: 'find_order', result: seq },
  kind: EntryKind = 'call.returned',
): StoredEntry {
  const text = JSON.stringify(body)
  const key = `agent:1/turn:${seq}/call:0`
  return { seq, key, kind, attempt: 1, at: 1_764_000_000_000 + seq, text, digest: digest(text) }
}

/**
 * Makes the write that begins a run, with its entry 0.
 *
 * @example
 * ```ts no-run: this entry is for files that Vitest runs
 * import { memoryStore } from '@reprise/testing'
 * import { beginning } from '@reprise/testing/store-suite'
 *
 * const store = memoryStore()
 * await store.commit([beginning('a'), beginning('b', { parentId: 'a' })])
 * ```
 */
export function beginning(id: string, rest: Partial<RunRow> = {}): RunWrite {
  const create = sampleRow(id, rest)
  return { runId: id, epoch: create.epoch, create, entries: [sampleEntry(0)] }
}

/**
 * Makes a write of entries to a run at epoch 1.
 *
 * @example
 * ```ts no-run: this entry is for files that Vitest runs
 * import { memoryStore } from '@reprise/testing'
 * import { appending, beginning } from '@reprise/testing/store-suite'
 *
 * const store = memoryStore()
 * await store.commit([beginning('a')])
 * await store.commit([appending('a', 1, 2)])
 * ```
 */
export function appending(runId: string, ...seqs: number[]): RunWrite {
  return { runId, epoch: 1, entries: seqs.map((seq) => sampleEntry(seq)) }
}

/**
 * Makes a message for a run.
 *
 * @example
 * ```ts no-run: this entry is for files that Vitest runs
 * import { memoryStore } from '@reprise/testing'
 * import { beginning, sampleMessage } from '@reprise/testing/store-suite'
 *
 * const store = memoryStore()
 * await store.commit([beginning('a')])
 * await store.send(sampleMessage('a', 'first'), [])
 * ```
 */
export function sampleMessage(runId: string, dedupe: string): InboxMessage {
  return { runId, dedupe, kind: 'cancel', body: { reason: `said "${dedupe}"` }, at: 1_764_000_000_000 }
}
