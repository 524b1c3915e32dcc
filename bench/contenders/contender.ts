import type { World } from '../world.ts'

/** What a contender is made for. */
export interface Setup {
  readonly world: World
  /** The folder for its store; null in memory. */
  readonly dir: string | null
  readonly durable: boolean
  /** What a commit survives, by SQLite's names: `full` the loss of power, `normal` the end of the process. */
  readonly variant?: string
}

/** One side of the comparison. */
export interface Contender {
  /** Starts a run and gives its answer. */
  run(runId: string): Promise<string>
  /** Takes up a run that was killed, in a fresh process, and gives its answer. */
  resume(runId: string): Promise<string>
  /** Takes a stored run up again offline: nothing is asked, nothing is done. Throws where it does not come to its end. */
  replay(runId: string): Promise<unknown>
  /** Has one answer streamed. */
  stream(deltas: number, onDelta: (delta: string) => void): Promise<void>
  /** Bytes of the store at rest. */
  bytes(): Promise<number>
  settings(): unknown
  close(): Promise<void>
}

/** Makes one side. */
export type Create = (setup: Setup) => Promise<Contender>
