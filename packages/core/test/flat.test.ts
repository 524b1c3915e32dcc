// Invariant 1: nothing grows with a run's history. Bytes are counted; time is a ratio between stretches of one run.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite } from '@reprise/store'
import { changedStore, scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineTool, type ModelReply, type Store } from '../src/index.ts'

const TURNS = 1_000
const RESULT_BYTES = 2_000

const work = defineTool({
  name: 'work',
  description: 'Does one step.',
  input: z.object({ step: z.number(), note: z.string() }),
  effect: 'idempotent',
  execute: ({ step }) => String(step).padStart(4, '0') + 'x'.repeat(RESULT_BYTES - 4),
})
const worker = defineAgent({
  name: 'worker',
  model: 'm',
  instructions: 'Work.',
  tools: [work],
  budget: { turns: TURNS + 1 },
})

/** A reply as OpenAI's service gives it, with all that is kept of one. */
function reply(nth: number): ModelReply {
  const id = String(nth).padStart(4, '0')
  return {
    items: [
      { kind: 'assistant', text: 'I take the next step now.' },
      {
        kind: 'call',
        callId: `call_${id}b8r3WbWkJzQhYc5TxVd1`,
        name: 'work',
        arguments: `{"step":${nth},"note":"a few words"}`,
      },
    ],
    finish: 'stop',
    usage: { inputTokens: 100_000, cachedTokens: 98_304, outputTokens: 28, reasoningTokens: 0 },
    costNano: 10_552_000,
    model: 'gpt-4.1-mini-2025-04-14',
    responseId: `resp_${id}a8865d4944d718d0e396fb919ea17dfff8963dc1c8`,
    requestId: `req_${id}0f9561992245b5b23ee23d57`,
  }
}

/** Notes the bytes of each commit on their way to a store. */
function counting(store: Store, commits: number[]): Store {
  return changedStore(store, {
    commit: (writes) => {
      commits.push(
        writes.reduce((sum, { entries }) => sum + entries.reduce((bytes, { text }) => bytes + text.length, 0), 0),
      )
      return store.commit(writes)
    },
  })
}

/** How much work the turns of a stretch are at their least: what else the machine does only adds to it. */
function leastWork(asked: readonly number[], from: number): number {
  const turns = asked.slice(from, from + 100).map((at, index) => (asked[from + index + 1] ?? 0) - at)
  return turns.toSorted((a, b) => a - b)[10] ?? 0
}

it('a run of 1,000 turns with results of 2 KB takes under 3.6 KB a turn on disk beside an empty store, and every turn writes the same and is as much work', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'reprise-flat-'))
  const path = join(folder, 'runs.db')
  const commits: number[] = []
  const asked: number[] = []
  const model = scriptedModel((_request, nth) => {
    const { user, system } = process.cpuUsage()
    asked.push(user + system)
    return nth <= TURNS ? reply(nth) : { text: 'done' }
  })
  try {
    const runtime = createRuntime({
      store: counting(sqlite(path, { durability: 'process' }), commits),
      models: model,
      definitions: [worker],
    })
    expect(await (await runtime.start(worker, 'go', { id: 'r' })).result()).toBe('done')
    expect((await runtime.replay('r')).status).toBe('matched')
    await runtime.close()
    const empty = sqlite(join(folder, 'empty.db'))
    await empty.runs({})
    await empty.close()
    const emptyBytes = (await stat(join(folder, 'empty.db'))).size
    expect(((await stat(path)).size - emptyBytes) / TURNS).toBeLessThan(3_600)
    // The beginning, two commits a turn (the reply, the result), and the end.
    expect(commits.length).toBe(1 + 2 * TURNS + 1)
    const turn = (nth: number): number => (commits[2 * nth - 1] ?? 0) + (commits[2 * nth] ?? 0)
    expect(turn(1_000) - turn(100)).toBeLessThanOrEqual(String(1_000).length - String(100).length)
    expect(leastWork(asked, 900) / leastWork(asked, 100)).toBeLessThan(1.5)
  } finally {
    await rm(folder, { recursive: true })
  }
})
