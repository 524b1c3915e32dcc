// A project with an evaluation, for tests of `reprise eval`: its model writes down which runs it has answered.
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRuntime, defineAgent } from '@reprise/core'
import { defineEval, exact } from '@reprise/evals'
import { sqlite } from '@reprise/store'
import { manualClock, scriptedModel } from '@reprise/testing'
import { z } from 'zod'
import { reopening, reply, say } from './desk.fixture.ts'

const desk = defineAgent({
  name: 'desk',
  model: 'gpt-4.1-mini',
  instructions: 'Serve the customer.',
  output: z.object({ total: z.number() }),
})

/** Where there is a file `slow` and none `fast`, nobody is answered after the second. */
async function waitIn(folder: string, nth: number, signal: AbortSignal): Promise<void> {
  if (nth <= 2 || !existsSync(join(folder, 'slow')) || existsSync(join(folder, 'fast'))) return
  writeFileSync(join(folder, 'waiting'), '')
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
}

export function project(folder: string, wrong: number, least: number) {
  const tickets = defineEval({
    name: 'tickets',
    data: [
      { id: 'lamp', input: 'Order 12', expected: { total: 12 } },
      { id: 'chair', input: 'Order 30', expected: { total: 30 } },
    ],
    task: desk,
    scorers: { exact: exact() },
    repeat: 2,
    gates: { exact: { min: least }, noWorseThan: 'last' },
  })
  const models = scriptedModel(async ({ items, runId }, nth, signal) => {
    await waitIn(folder, nth, signal)
    appendFileSync(join(folder, 'asked.txt'), `${runId}\n`)
    const [first] = items
    const order = first?.kind === 'user' ? (/\d+/.exec(first.text)?.[0] ?? '') : ''
    const isWrong = order === '30' && Number(runId.split(':').at(-1)) <= wrong
    return reply([say(`{"total":${isWrong ? 1 : order}}`)], 1_000_000)
  })
  const runtime = reopening(() =>
    createRuntime({
      store: sqlite(join(folder, 'runs.db'), { durability: 'process' }),
      models,
      definitions: tickets.definitions,
      closeGraceMs: 0,
      clock: manualClock({ now: Date.UTC(2026, 10, 30) }),
    }),
  )
  return { runtime, tickets }
}
