import type { Replay, Runtime } from '@reprise/core'
import { allRuns } from './runs.ts'

/**
 * Takes all runs up again under the code as it is now, offline, and prints where it would go another way.
 *
 * @returns the exit code: 1 where a run would go another way.
 */
export async function showReplays(runtime: Runtime): Promise<number> {
  const replays: Replay[] = []
  for (const { id } of await allRuns(runtime)) {
    const replay = await runtime.replay(id)
    replays.push(replay)
    show(replay)
  }
  const texts = new Set(
    replays.flatMap(({ differences }) => differences.map(({ agent, field }) => `${field} of ${agent}`)),
  )
  for (const text of texts) console.log(`\nThe ${text} read otherwise today; runs go on with what they recorded.`)
  const diverged = replays.filter(({ status }) => status === 'diverged').length
  console.log(`\n${replays.length - diverged} of ${replays.length} runs matched. No model was asked, no tool was run.`)
  return diverged === 0 ? 0 : 1
}

function show({ runId, status, matched, entries, divergence }: Replay): void {
  console.log(`${runId.padEnd(40)} ${status}, ${matched} of ${entries} entries`)
  if (divergence)
    console.log(`  at entry ${divergence.seq}\n    recorded  ${divergence.recorded}\n    today     ${divergence.today}`)
}
