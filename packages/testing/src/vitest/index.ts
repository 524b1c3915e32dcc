// `import '@reprise/testing/vitest'` gives Vitest's `expect` the matchers of this package.
import type { AnyDefinition } from '@reprise/core'
import { expect } from 'vitest'
import { judge, type ToReplayOptions } from './to-replay.ts'

export { readGolden } from './golden.ts'
export type { Golden } from './golden.ts'
export type { ToReplayOptions } from './to-replay.ts'

declare module 'vitest' {
  // The parameters are Vitest's own.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /**
     * Replays every run of a golden file under definitions of today, offline: no model is asked, no tool and no step is
     * run. It fails where one of them goes another way, which nothing but another recording mends; and where a text (an
     * instruction, a tool's card) reads otherwise than it was recorded, unless `differences` allows that, or
     * `vitest --update` has accepted it: then it is noted at the end of the golden file, and holds until it changes again.
     *
     * @param definitions all whose runs are in the file.
     * @example
     * ```ts no-run: this entry is for files that Vitest runs
     * import '@reprise/testing/vitest'
     * import { defineAgent } from '@reprise/core'
     * import { expect, test } from 'vitest'
     *
     * const support = defineAgent({ name: 'support', model: 'gpt-4.1-mini', instructions: 'You help customers.' })
     * test('what happened still would', async () => {
     *   await expect('test/support.golden.jsonl').toReplay([support])
     * })
     * ```
     */
    toReplay: T extends string | URL | object
      ? (definitions: readonly AnyDefinition[], options?: ToReplayOptions) => Promise<void>
      : R & 'toReplay takes the path of a golden file, what readGolden gave, or what runtime.export gives'
  }
}

expect.extend({
  toReplay(given: unknown, definitions: readonly AnyDefinition[], options?: ToReplayOptions) {
    return judge(this, given, definitions, options)
  },
})
