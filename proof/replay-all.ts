import { createRuntime, type RunRow, type Runtime, type Store } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import { definitions } from './stories/stories.ts'

/** Replays every run of a store that is ours, whose hash chain is checked on the way: what does not match. */
export async function replayAll(
  store: Store,
  isOurs: (run: RunRow) => boolean = () => true,
): Promise<readonly string[]> {
  const runtime: Runtime = createRuntime({ store, models: scriptedModel([]), definitions })
  const complaints: string[] = []
  for (const { id } of (await store.runs({ limit: 1_000 })).filter(isOurs)) {
    const { status, divergence } = await runtime.replay(id)
    if (status !== 'matched') complaints.push(`${id} replays otherwise: ${JSON.stringify(divergence)}`)
  }
  return complaints
}
