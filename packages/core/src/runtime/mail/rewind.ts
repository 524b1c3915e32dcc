// Lets a run go on with a fork of its child: what is asked is held against what is stored, and left for whoever owns the run.
import type { Author, By } from '../../contracts/audit.ts'
import type { Effects, Entry } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Engine } from '../../engine/engine.ts'
import type { RewindBody } from '../../engine/messages/rewind.ts'
import { noteOf } from '../../journal/audit-note.ts'
import { DefinitionError } from '../../values/errors.ts'
import type { Runs } from '../read/runs.ts'

/** What `rewind` takes. */
export interface RewindOptions {
  /** The child that the run goes on with now. */
  readonly from: string
  /** The fork of it that it is to go on with. */
  readonly to: string
  /** Who wants it: it is journaled. */
  readonly by: By
}

/** The same, with who wants it as it is kept. */
type Asked = Omit<RewindOptions, 'by'> & { readonly by: Author }

/** What rewinding a stored run takes. */
export interface RewindParts {
  readonly engine: Pick<Engine, 'store' | 'clock' | 'secretsOf'>
  readonly runs: Runs
}

/**
 * Leaves a run the word that it goes on with a fork of its child. See `Runtime.rewind`.
 *
 * @throws DefinitionError with code `bad_rewind`.
 */
export async function leaveRewind({ engine, runs }: RewindParts, runId: string, asked: Asked): Promise<void> {
  const { by } = asked
  const parent = await runs.get(runId)
  const [child, fork] = [await firstOf(runs, asked.from), await firstOf(runs, asked.to)]
  const [from, to, key] = [child.id, fork.id, child.parentKey]
  if (child.parentId !== runId || key === null) throw bad(asked, runId, await sayChildren(runs, runId, from))
  const entries = await runs.entries(runId)
  const now = rewoundTo(entries, key) ?? from
  // Whoever did not hear that it was done says it again.
  if (now === to) return
  if (now !== from) throw bad(asked, runId, `it goes on with "${now}" by now.`)
  if (entries.some((entry) => entry.kind === 'run.rewound' && [entry.body.from, entry.body.to].includes(to)))
    throw bad(asked, runId, `it has gone on without "${to}". Fork that, and give the fork.`)
  // It is a child already where the process that read such a word died before it wrote that down.
  if (fork.parentId !== null && fork.parentId !== runId)
    throw bad(asked, runId, `"${to}" is a child of "${fork.parentId}".`)
  if (!(await isForkOf(runs, fork, child))) throw bad(asked, runId, `"${to}" is no fork of "${from}".`)
  const heard = entries.findLast((entry) => entry.key === key && isEnd(entry))
  if (heard) throw bad(asked, runId, sayHeard(runId, heard, from))
  if (parent.endedAt !== null) throw bad(asked, runId, 'it has ended.')
  if (fork.tenant !== parent.tenant || fork.user !== parent.user)
    throw bad(asked, runId, `"${to}" is of another tenant or user.`)
  const effects = effectsOf(entries)
  const { status } = (await engine.store.newest(to)) ?? fork
  if (status !== 'completed' && effectsOf(await runs.entries(to)) !== effects)
    throw bad(asked, runId, effects === 'live' ? SAY_LIVE : 'it may only read itself, and the fork may do more.')
  const secrets = engine.secretsOf(parent.lineageId)
  await secrets.load()
  const author = secrets.redact(by)
  const at = engine.clock.now()
  const body = { key, from, to, by: author.id } satisfies RewindBody
  const note = noteOf(parent, { action: 'rewound', by: author, at, what: `${from} to ${to}` })
  await engine.store.send({ runId, dedupe: `rewind:${key}:${to}`, kind: 'rewind', body, at }, [], note)
}

const SAY_LIVE = "the fork may only read, and would end where it comes to more. Fork it with effects: 'live'."

async function sayChildren(runs: Runs, runId: string, from: string): Promise<string> {
  const ids = (await runs.list({ parentId: runId, limit: 20 })).map(({ id }) => id)
  return `"${from}" is no child of it. It has: ${ids.join(', ') || 'none'}.`
}

/** The child that a run was pointed to last at a key. */
function rewoundTo(entries: readonly Entry[], key: string): string | undefined {
  const own = entries.slice(entries.findLastIndex(({ kind }) => kind === 'run.forked') + 1)
  const last = own.findLast((entry) => entry.kind === 'run.rewound' && entry.key === key)
  return last?.kind === 'run.rewound' ? last.body.to : undefined
}

/** All that a run went on as is known by the first. */
async function firstOf(runs: Runs, runId: string): Promise<RunRow> {
  const row = await runs.get(runId)
  return row.root === runId ? row : runs.get(row.root)
}

async function isForkOf(runs: Runs, { forkOf }: RunRow, child: RunRow): Promise<boolean> {
  if (forkOf === null || forkOf === child.id) return forkOf !== null
  const of = await firstOf(runs, forkOf)
  return of.id === child.id || isForkOf(runs, of, child)
}

/** Whether the run was told by an entry what its child came to. */
function isEnd(entry: Entry): boolean {
  if (entry.kind === 'call.failed') return entry.body.retryAt === null
  return entry.kind === 'child.ended' || entry.kind === 'call.returned'
}

function sayHeard(runId: string, { seq }: Entry, from: string): string {
  return `it has heard what "${from}" came to, by its entry ${seq}. Fork it first, with what the fork came to: runtime.fork("${runId}", { at: ${seq + 1}, edit: { kind: 'result', result } }).`
}

function effectsOf(entries: readonly Entry[]): Effects {
  const last = entries.findLast(({ kind }) => kind === 'run.started' || kind === 'run.forked')
  return last && 'effects' in last.body && last.body.effects === 'read' ? 'read' : 'live'
}

function bad({ from, to }: Asked, runId: string, why: string): DefinitionError {
  return new DefinitionError({
    code: 'bad_rewind',
    message: `The run "${runId}" cannot go on with "${to}" instead of "${from}": ${why}`,
    details: { runId, from, to },
  })
}
