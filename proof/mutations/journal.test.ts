// Journals in which something was changed, with digests that fit: nothing but replay can see it. Each entry is dropped,
// doubled, swapped with the next and made another's, and each field of each body is changed.
import { digest, type EntryKind, type Json, type Replay, type StoredEntry, type Store } from '@reprise/core'
import { beforeAll, expect, test } from 'vitest'
import { desk, recorded, replayed, RUN } from './desk.ts'

let store: Store
let entries: readonly StoredEntry[]

beforeAll(async () => {
  store = await recorded()
  entries = await store.entries(RUN)
})

type Change = (at: number) => readonly StoredEntry[]

const drop: Change = (at) => entries.toSpliced(at, 1)
const double: Change = (at) => entries.toSpliced(at, 0, sealed(at))
const swap: Change = (at) => entries.toSpliced(at, 2, sealed(at + 1), sealed(at))
const change = (at: number, what: Partial<StoredEntry>): readonly StoredEntry[] =>
  entries.toSpliced(at, 1, { ...sealed(at), ...what })

function sealed(at: number): StoredEntry {
  const entry = entries[at]
  if (!entry) throw new Error(`There is no entry ${at}`)
  return entry
}

/** Replays a changed journal whose entries stand in their places, with digests of their own. */
function look(changed: readonly StoredEntry[]): Promise<Replay> {
  return replayed(store, desk(), () => changed.map((entry, seq) => ({ ...entry, seq, digest: digest(entry.text) })))
}

/** Where an entry is named at the latest: at the next of its key, at the next request, or at the end. */
function latest(changed: readonly StoredEntry[], from: number, { key }: StoredEntry): number {
  const at = changed.findIndex(
    (entry, seq) =>
      seq >= from && (entry.key === key || entry.kind === 'model.replied' || entry.kind === 'run.completed'),
  )
  return at === -1 ? changed.length : at
}

/** The entries that are not named in time: what came of them. */
async function unnamed(
  change: Change,
  last: number,
  inTime: (changed: readonly StoredEntry[], at: number) => readonly [number, number],
): Promise<readonly string[]> {
  const found: string[] = []
  for (let at = 0; at <= last; at++) {
    const changed = change(at)
    const [from, to] = inTime(changed, at)
    const seq = (await look(changed)).divergence?.seq
    if (seq !== undefined && seq >= from && seq <= to) continue
    found.push(`${sealed(at).kind} ${sealed(at).key}: ${seq === undefined ? 'the same' : `at ${seq}`}`)
  }
  return found
}

test('an entry that is dropped is named by the next that hangs on it', async () => {
  const until: Parameters<typeof unnamed>[2] = (changed, at) => [at, latest(changed, at, sealed(at))]
  const same = await unnamed(drop, entries.length - 2, until)
  // That a run has rested decides nothing; and what came of a call says, too, that it was allowed.
  const isAllowed = (said: string): boolean =>
    entries.some(({ kind, key, text }) => said === `${kind} ${key}: the same` && text.includes('"allowed":true'))
  expect(same.filter((said) => !isAllowed(said))).toEqual(['run.waiting run: the same'])
})

test('an entry that stands there twice is named', async () => {
  expect(await unnamed(double, entries.length - 1, (_, at) => [at + 1, at + 1])).toEqual([])
})

test('an entry that comes after the one that followed it is named, unless neither hangs on the other', async () => {
  const same = await unnamed(swap, entries.length - 2, (changed, at) => [at, latest(changed, at + 2, sealed(at))])
  for (const said of same) expect(said).toMatch(/^(call|approval)[.]\w+ \S+\/call:\d: the same$/)
})

test('an entry of another key or of another attempt is named', async () => {
  const last = entries.length - 1
  expect(
    await unnamed(
      (at) => change(at, { key: `${sealed(at).key}0` }),
      last,
      (_, at) => [at, at],
    ),
  ).toEqual([])
  expect(
    await unnamed(
      (at) => change(at, { attempt: sealed(at).attempt + 1 }),
      last,
      (_, at) => [at, at],
    ),
  ).toEqual([])
})

/** Kinds whose bodies could be taken for each other's. */
const SIBLINGS: Partial<Record<EntryKind, EntryKind>> = {
  'call.returned': 'call.intended',
  'call.intended': 'call.judged',
  'call.judged': 'call.intended',
  'call.failed': 'call.judged',
  'approval.asked': 'call.intended',
  'approval.given': 'approval.asked',
  'model.failed': 'call.failed',
  'run.waiting': 'run.completed',
  'run.completed': 'run.waiting',
  'handoff.made': 'definition.changed',
  'output.judged': 'call.judged',
}

test('an entry of another kind is named', async () => {
  const found: string[] = []
  for (const [at, { kind }] of entries.entries()) {
    const other = SIBLINGS[kind]
    const seq = other && (await look(change(at, { kind: other }))).divergence?.seq
    if (other && seq !== at) found.push(`${at} ${kind}`)
  }
  expect(found).toEqual([])
})

/** What the outside world has said, or what is shown: whatever stands there, the run goes the same way from there. */
const FREE = [
  'model.replied reply.model',
  'model.failed error.code',
  'model.failed error.message',
  'model.failed retryAt',
  'approval.asked tool',
  'approval.given by',
  'approval.given source',
  'approval.given reason',
  'call.intended owner',
  'run.waiting waiting.kind',
  'run.waiting waiting.key',
  'run.waiting waiting.id',
  'run.waiting waiting.tool',
  'run.waiting waiting.agent',
]

test('a field of a body that is changed is named at once or by the next request, or decides nothing', async () => {
  const same = new Set<string>()
  for (const [at, entry] of entries.entries())
    for (const { path, text } of changes(entry.text)) {
      const changed = change(at, { text })
      const replay = await look(changed)
      const seq = replay.divergence?.seq
      if (seq === undefined) same.add(`${entry.kind} ${path}`)
      else
        expect(seq, `${at} ${entry.kind} ${path}`).toBeLessThanOrEqual(latest(changed, at + 1, { ...entry, key: '' }))
    }
  expect([...same].filter((field) => !FREE.includes(field))).toEqual([])
})

/** The text of a body with one of its values changed, for each of them. */
function changes(text: string): { readonly path: string; readonly text: string }[] {
  const found: { readonly path: string; readonly text: string }[] = []
  const visit = (value: Json, path: string, put: (other: Json) => Json): void => {
    if (isList(value))
      value.forEach((each: Json, at) => visit(each, `${path}[]`, (other) => put(value.with(at, other))))
    else if (typeof value === 'object' && value !== null)
      for (const [name, each = null] of Object.entries(value))
        visit(each, path === '' ? name : `${path}.${name}`, (other) => put({ ...value, [name]: other }))
    else found.push({ path, text: JSON.stringify(put(another(value))) })
  }
  // What is stored is JSON.
  visit(JSON.parse(text) as Json, '', (other) => other)
  return found
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function another(value: string | number | boolean | null): Json {
  // Words around an answer leave it the same answer.
  if (typeof value === 'string') return `${Array.from(value).toReversed().join('')}!`
  if (typeof value === 'number') return value + 1
  return value === null ? 'something' : !value
}
