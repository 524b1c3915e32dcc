import {
  type AnyDefinition,
  createRuntime,
  messageOf,
  type Model,
  type Replay,
  RepriseError,
  type TextDifference,
} from '@reprise/core'
import type { MatcherState } from 'vitest'
import { memoryStore } from '../memory-store/memory-store.ts'
import { accept, acceptedIn, type Golden, goldenOf } from './golden.ts'

/** What `toReplay` takes beside the definitions. */
export interface ToReplayOptions {
  /** Whether texts may read otherwise than they were recorded. @default 'fail' */
  readonly differences?: 'fail' | 'allow'
}

/** A run that could not be replayed at all, or one that was. */
type Replayed = Replay | { readonly runId: string; readonly status: 'failed'; readonly why: string }

/** What Vitest is told. */
export interface Verdict {
  readonly pass: boolean
  readonly message: () => string
}

/** Says whether a golden file replays. See `Matchers.toReplay`. */
export async function judge(
  state: MatcherState,
  given: unknown,
  definitions: readonly AnyDefinition[],
  { differences = 'fail' }: ToReplayOptions = {},
): Promise<Verdict> {
  const golden = await goldenOf(given)
  const replays = await replayAll(golden, definitions)
  const strayed = replays.filter(({ status }) => status !== 'matched')
  const changed = replays.flatMap((replay) => ('differences' in replay ? replay.differences : []))
  const isAccepted = acceptedIn(golden)
  const isUpdate = state.snapshotState?.snapshotUpdateState === 'all' && !state.isNot
  const open = differences === 'allow' ? [] : changed.filter((difference) => !isAccepted(difference))
  if (isUpdate && strayed.length === 0 && differences === 'fail' && isFile(golden)) {
    accept(golden, changed)
    return { pass: true, message: () => `${nameOf(golden)} was expected not to replay, and does.` }
  }
  const problems = [
    ...(replays.length === 0 ? ['There is no run in it.'] : []),
    ...strayed.flatMap(sayStrayed),
    ...sayChanged(open, state),
    ...(open.length > 0 && strayed.length === 0 ? ['', remedyOf(golden)] : []),
  ]
  const counts = `${replays.length - strayed.length} of ${replays.length} runs of ${nameOf(golden)} replay under these definitions`
  return {
    pass: problems.length === 0,
    message: () =>
      problems.length === 0
        ? `${nameOf(golden)} was expected not to replay, and does.`
        : [`${counts}${open.length > 0 ? ', and texts have changed' : ''}.`, '', ...problems].join('\n'),
  }
}

const OFFLINE: Model = {
  ask() {
    throw new Error('A replay asks no model')
  },
}

async function replayAll({ text }: Golden, definitions: readonly AnyDefinition[]): Promise<readonly Replayed[]> {
  await using runtime = createRuntime({ store: memoryStore(), models: OFFLINE, definitions })
  const { runs } = await runtime.import([text])
  const replays: Replayed[] = []
  for (const runId of runs) {
    try {
      replays.push(await runtime.replay(runId))
    } catch (error) {
      if (!RepriseError.is(error)) throw error
      replays.push({ runId, status: 'failed', why: messageOf(error) })
    }
  }
  return replays
}

function sayStrayed(replay: Replayed): readonly string[] {
  if (replay.status === 'failed') return [`${replay.runId}  not replayed: ${replay.why}`]
  const { runId, divergence, entries } = replay
  return [
    `${runId}  diverged at entry ${divergence?.seq} of ${entries}`,
    `  recorded  ${divergence?.recorded}`,
    `  today     ${divergence?.today}`,
  ]
}

/** Each text that has changed, once for all places that have it. */
function sayChanged(differences: readonly TextDifference[], { utils }: MatcherState): readonly string[] {
  const same = Map.groupBy(differences, ({ agent, field, recorded, today }) =>
    JSON.stringify([agent, field, recorded, today]),
  )
  return [...same.values()].flatMap((places) => {
    const [first] = places
    if (!first) return []
    const { agent, field, recorded, today } = first
    const where = places.length > 1 ? `, in ${places.length} places` : ''
    const sides = { aAnnotation: 'Recorded', bAnnotation: 'Today' }
    const shown = utils.diff(readable(field, recorded), readable(field, today), sides)
    return ['', `Changed: the ${field} of ${agent}${where}.`, shown ?? '']
  })
}

/** Instructions are words, a field of a card is JSON, or absent. */
function readable(field: string, text: string): unknown {
  if (field === 'instructions' || field === 'entry' || text === 'absent') return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

function remedyOf(golden: Golden): string {
  return isFile(golden)
    ? 'A run goes on with the texts that it has recorded. Where the change is meant, accept it by vitest --update: the file then says so.'
    : "A run goes on with the texts that it has recorded. Where the change is meant, say toReplay(definitions, { differences: 'allow' })."
}

function isFile(golden: Golden): golden is Golden & { readonly path: string } {
  return golden.path !== undefined
}

function nameOf({ path = 'the golden text' }: Golden): string {
  return path
}
