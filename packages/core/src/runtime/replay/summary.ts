// What many replays come to. What a gate asks is kept apart from what whoever reads the difference asks; equal changes and
// equal causes are told once, with how many runs have them. What is held does not grow with the runs.
import type { TextDifference } from '../../agent/walk/text-differences.ts'
import type { DefinitionRef } from '../../contracts/entry.ts'
import { digest } from '../../values/digest.ts'
import type { CauseKind, LikelyCause } from './cause.ts'
import type { RunReplay } from './run-replay.ts'

/** The most changes of one field of one agent that are told one by one, and the most groups of one kind. */
const MOST_CHANGES = 20
const MOST_GROUPS = 1_000

/** A text that was recorded and is another today, in all runs that have it. */
export interface DifferenceGroup extends Pick<TextDifference, 'agent' | 'field'> {
  /** The two texts; null for all others of a field that has many, as instructions that say a name have. */
  readonly change: Pick<TextDifference, 'recorded' | 'today'> | null
  readonly runs: number
  /** How many of them have not ended. */
  readonly inFlight: number
  /** One of the runs. */
  readonly example: string
}

/** Runs that part for the same likely cause, or that could not be replayed for it. */
export interface CauseGroup {
  readonly definition: Pick<DefinitionRef, 'kind' | 'name'>
  readonly cause: LikelyCause
  readonly runs: number
  /** The first of the runs, and what was found there. */
  readonly example: { readonly runId: string; readonly message: string }
}

/** What replaying many runs found. */
export interface ReplaySummary {
  /** All that were looked at. */
  readonly runs: number
  /** Runs that were left out: they are erased, or were deleted meanwhile. */
  readonly leftOut: number
  /** Would today's code break a run that has not ended? Of these `broken` would not go on when they are resumed. */
  readonly inFlight: {
    readonly runs: number
    readonly broken: number
    readonly causes: readonly CauseGroup[]
  }
  /** Would today's code have answered otherwise? Of all runs, those in flight too. */
  readonly answers: {
    readonly matched: number
    readonly diverged: number
    readonly failed: number
    /** Runs of which a text or an approval is another today. */
    readonly different: number
    readonly causes: readonly CauseGroup[]
    readonly differences: readonly DifferenceGroup[]
  }
}

/** Sums replays up, one at a time. */
export class ReplaySum {
  readonly #broken = new Causes()
  readonly #parted = new Causes()
  readonly #differences = new Differences()
  readonly #counts = { matched: 0, diverged: 0, failed: 0, different: 0 }
  #inFlight = 0
  #leftOut = 0

  /** Counts a run that is erased, or was deleted meanwhile. */
  leaveOut(): void {
    this.#leftOut++
  }

  add(replay: RunReplay): void {
    this.#counts[replay.status]++
    if (replay.inFlight) this.#inFlight++
    if (replay.broken) this.#broken.add(replay, replay.broken.cause, replay.broken.message)
    if (replay.status === 'failed') this.#parted.add(replay, replay.error.cause, replay.error.message)
    else this.#addReplayed(replay)
  }

  get summary(): ReplaySummary {
    const { matched, diverged, failed } = this.#counts
    return {
      runs: matched + diverged + failed,
      leftOut: this.#leftOut,
      inFlight: { runs: this.#inFlight, broken: this.#broken.runs, causes: this.#broken.groups },
      answers: { ...this.#counts, causes: this.#parted.groups, differences: this.#differences.groups },
    }
  }

  #addReplayed(replay: Exclude<RunReplay, { status: 'failed' }>): void {
    const { divergence, cause, differences } = replay
    if (divergence && cause) {
      const message = `entry ${divergence.seq} is ${divergence.recorded}, and today's code would ${divergence.today}`
      this.#parted.add(replay, cause, message)
    }
    if (differences.length > 0) this.#counts.different++
    this.#differences.add(replay, differences)
  }
}

type Changing<T> = { -readonly [K in keyof T]: T[K] }

class Causes {
  readonly #groups = new Map<string, Changing<CauseGroup>>()
  runs = 0

  get groups(): readonly CauseGroup[] {
    return byRuns([...this.#groups.values()])
  }

  add({ runId, definition: { kind, name } }: RunReplay, cause: LikelyCause, message: string): void {
    this.runs++
    const group = this.#groups.get(keyOf(kind, name, cause.kind, cause.said)) ?? this.#another(kind, name, cause.kind)
    if (group) {
      group.runs++
      return
    }
    const definition = { kind, name }
    this.#groups.set(keyOf(kind, name, cause.kind, cause.said), {
      definition,
      cause,
      runs: 1,
      example: { runId, message },
    })
  }

  /** Beyond so many, runs of one kind of cause are counted with the first of it. */
  #another(kind: string, name: string, cause: CauseKind): Changing<CauseGroup> | undefined {
    if (this.#groups.size < MOST_GROUPS) return undefined
    const groups = [...this.#groups.values()]
    return groups.find(
      (group) => keyOf(group.definition.kind, group.definition.name, group.cause.kind) === keyOf(kind, name, cause),
    )
  }
}

class Differences {
  readonly #groups = new Map<string, Changing<DifferenceGroup>>()
  readonly #changes = new Map<string, number>()

  get groups(): readonly DifferenceGroup[] {
    return byRuns([...this.#groups.values()])
  }

  add({ runId, inFlight }: RunReplay, differences: readonly TextDifference[]): void {
    // A text may be recorded in several places of a run.
    const seen = new Set<string>()
    for (const difference of differences) {
      const key = this.#keyOf(difference)
      if (seen.has(key)) continue
      seen.add(key)
      const { agent, field, recorded, today } = difference
      const change = key.startsWith(OTHERS) ? null : { recorded, today }
      const group = this.#groups.get(key) ?? { agent, field, change, runs: 0, inFlight: 0, example: runId }
      group.runs++
      if (inFlight) group.inFlight++
      this.#groups.set(key, group)
    }
  }

  #keyOf({ agent, field, recorded, today }: TextDifference): string {
    const key = digest(keyOf(agent, field, recorded, today))
    if (this.#groups.has(key)) return key
    const ofField = keyOf(agent, field)
    const changes = this.#changes.get(ofField) ?? 0
    if (changes >= MOST_CHANGES) return `${OTHERS}${ofField}`
    this.#changes.set(ofField, changes + 1)
    return key
  }
}

const OTHERS = 'others '

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts)
}

function byRuns<T extends { readonly runs: number }>(groups: readonly T[]): readonly T[] {
  return groups.toSorted((one, other) => other.runs - one.runs)
}
