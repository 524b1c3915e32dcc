import { World } from '../world.ts'

/** Runs that wait in a file for whoever takes them: what each side does with that. */
export interface Queue {
  /** Leaves runs `r1`, `r2` and so on. */
  seed(file: string, runs: number): Promise<void>
  /** Takes runs, so many at a time, until it is told to stop. */
  work(file: string, concurrency: number): Promise<{ stop(): Promise<void> }>
  /** SQL for how many have not ended. */
  readonly left: string
}

/** One call of a tool and an answer: what a queue costs is most of such a run. */
export function smallWorld(): World {
  return new World({ n: 1, bytes: 100 })
}
