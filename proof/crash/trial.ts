// One run, undisturbed or with a process that dies at a point and another that takes it up, on a database of its own.
import { isDeepStrictEqual } from 'node:util'
import type { Outcome, Owners, RunRow } from '@reprise/core'
import { Crash, crashing, type CrashPoint, manualClock, type ManualClock } from '@reprise/testing'
import { Auditor } from '../auditor.ts'
import { type BookingStore, type Place, sqlitePlace } from '../journal-store.ts'
import { replayAll } from '../replay-all.ts'
import { ended } from '../seen.ts'
import { Stillness } from '../stillness.ts'
import { type Ledger, memoryLedger } from '../stories/outside.ts'
import { stories } from '../stories/stories.ts'
import type { Story } from '../stories/story.ts'
import { live } from './life.ts'

/** A story, and whether somebody says what it may hear in its time. */
export interface Case {
  readonly name: string
  readonly story: Story
  readonly sent: boolean
}

/** Every story, with what it may hear and without. */
export const cases: readonly Case[] = Object.entries(stories).flatMap(([name, story]) => [
  { name, story, sent: false },
  ...(story.hears ? [{ name: `${name}, sent`, story, sent: true }] : []),
])

/** What came of a run: what must be the same wherever its process dies. */
export interface Whole {
  readonly outcome: Outcome<unknown>
  /** What was done to the world and in the store's own table. */
  readonly effects: readonly string[]
  /** How each run stands, and what it has used; which of the cancelled ones had begun is a matter of time. */
  readonly runs: readonly string[]
}

/** A run that nobody disturbed, and how often its process could have died. */
export interface Undisturbed extends Whole {
  readonly points: readonly CrashPoint[]
}

/**
 * Lets a run go to its end.
 *
 * @param place a place of its own.
 */
export async function undisturbed(one: Case, place: Place = sqlitePlace()): Promise<Undisturbed> {
  const trial = new Trial(one, place)
  try {
    const { writes, effects } = await trial.live()
    const whole = await trial.whole()
    if (trial.complaints.length > 0) throw new Error(`${one.name}, undisturbed: ${trial.complaints.join('; ')}`)
    return { ...whole, points: [...pointsOf('write', writes), ...pointsOf('effect', effects)] }
  } finally {
    await trial.close()
  }
}

function pointsOf(of: 'write' | 'effect', count: number): CrashPoint[] {
  return Array.from({ length: count }, (_, index) => index + 1).flatMap((at): CrashPoint[] => [
    { of, at, side: 'before' },
    { of, at, side: 'after' },
  ])
}

/**
 * Lets the process of a run die at each of these points, one life after the other, and the last one live.
 *
 * @returns what is not as it is in the run that nobody disturbed.
 */
export async function crashed(
  one: Case,
  points: readonly CrashPoint[],
  expected: Whole,
  place: Place = sqlitePlace(),
): Promise<readonly string[]> {
  const trial = new Trial(one, place)
  try {
    for (const point of points) if (!(await trial.live(point)).died) return [] // it ended before it came there
    await trial.live()
    return [...trial.complaints, ...differences(await trial.whole(), expected)]
  } finally {
    await trial.close()
  }
}

class Trial {
  readonly complaints: string[] = []
  readonly #case: Case
  readonly #place: Place
  readonly #clock: ManualClock = manualClock({ now: 1_764_000_000_000 })
  readonly #ledger = memoryLedger()
  readonly #auditor = new Auditor((complaint) => this.complaints.push(complaint))
  readonly #closing: (() => Promise<void>)[] = []
  #outcome: Outcome<unknown> | undefined
  #last: BookingStore | undefined
  #lives = 0

  constructor(one: Case, place: Place) {
    this.#case = one
    this.#place = place
  }

  /** A process lives, to the end of the run or to its own. */
  async live(point: CrashPoint = { at: Infinity, side: 'before' }) {
    // Opening a file takes its time, and none of the clock's.
    const opened = (this.#last = await this.#place.open())
    const { store } = opened
    this.#closing.push(() => store.close())
    const still = new Stillness()
    const mortal = crashing(this.#auditor.watch(still.holding(store)), point)
    const name = `life-${++this.#lives}`
    const auditor = this.#auditor
    const life = {
      ...this.#case,
      store: mortal,
      ledger: this.#ledger,
      book: opened.book,
      still,
      clock: this.#clock,
      owners: ownersOf(name),
      sees: {
        asks: (request: Parameters<Auditor['asks']>[0]) => auditor.asks(request, name),
        begins: (...done: [Parameters<Auditor['begins']>[0], Parameters<Auditor['begins']>[1]]) =>
          auditor.begins(...done, name),
        ends: (doer: Parameters<Auditor['ends']>[0]) => auditor.ends(doer, name),
      },
    }
    const died = await live(life).then(
      (outcome) => {
        this.#outcome = outcome
        return false
      },
      (error: unknown) => {
        if (error instanceof Crash) return true
        throw error
      },
    )
    return { died, writes: mortal.writes, effects: mortal.effects }
  }

  async whole(): Promise<Whole> {
    if (!this.#outcome) throw new Error('No life came to an end.')
    const opened = this.#last
    if (!opened) throw new Error('Nobody has lived.')
    for (const [runId, seen] of this.#auditor.runs) if (!ended(seen)) this.complaints.push(`${runId} has not ended`)
    this.complaints.push(...(await replayAll(opened.store)))
    return wholeOf(this.#outcome, this.#ledger, opened)
  }

  async close(): Promise<void> {
    for (const close of this.#closing) await close()
    await this.#place.close()
  }
}

/** Each life knows that those before it are over. */
function ownersOf(name: string): Owners {
  let own: ReadonlySet<string> = new Set()
  return {
    name(driving) {
      own = driving
      return name
    },
    isGone: (owner, runId) => owner !== name || !own.has(runId),
    isGoneWhole: (owner) => owner !== name || own.size === 0,
  }
}

/** Looks at what came of a run. */
export async function wholeOf(outcome: Outcome<unknown>, ledger: Ledger, opened: BookingStore): Promise<Whole> {
  const runs = (await opened.store.runs({})).filter(({ status }) => status !== 'cancelled')
  return {
    outcome,
    effects: [...ledger.lines(), ...(await opened.booked())].toSorted(),
    runs: runs.map(sayRun).toSorted(),
  }
}

function sayRun({ id, status, owner, totals }: RunRow): string {
  return `${id} ${status} ${owner ?? ''} ${JSON.stringify(totals)}`
}

/** Says where what came of a run is not what it should be. */
export function differences(found: Whole, expected: Whole): readonly string[] {
  return (['outcome', 'effects', 'runs'] as const).flatMap((what) =>
    isDeepStrictEqual(found[what], expected[what])
      ? []
      : `The ${what} are ${JSON.stringify(found[what])}, and should be ${JSON.stringify(expected[what])}`,
  )
}
