import { watch } from 'node:fs'
import { type Entry } from '@reprise/core'
import { fakeOpenAI } from '@reprise/testing'
import { expect, it } from 'vitest'
import { openBegun } from './open.ts'
import { taskOf } from './part/scene.ts'
import { writtenPart } from './part/part.ts'
import { placeAt } from './place.ts'
import { RESULTS, resultsIn } from './results.fixture.ts'
import { runDemo, startDemo } from './run-demo.fixture.ts'
import { allRuns } from './show/runs.ts'
import { tempFolder } from './temp-folder.fixture.ts'

/** A question that the server was asked. */
interface Asked {
  readonly at: number
  readonly task: string
  readonly conversation: string
}

/** One of the forty questions or so that the demo asks: another each time. */
const question = (third: number): number => 1 + Math.floor((third + Math.random()) * 13)

it.concurrent.each([
  ['question', question(0), 1],
  ['question', question(1), 2],
  ['question', question(2), 3],
  ['writing', 0, 4],
] as const)(
  'killed at its %s %i (seed %i) and started again, the demo comes to the same end, and what was answered is not asked again',
  async (_, nth, seed) => {
    const out = tempFolder()
    const part = writtenPart(seed)
    const asked: Asked[] = []
    let kill = (): void => undefined
    const server = await fakeOpenAI((ask) => {
      const { input } = ask.body
      asked.push({ at: Date.now(), task: taskOf(input), conversation: JSON.stringify(input) })
      if (asked.length === nth) kill()
      return part(ask)
    })
    try {
      const command = [['--out', out], { OPENAI_BASE_URL: server.url }] as const
      const demo = startDemo(...command)
      kill = () => demo.child.kill('SIGKILL')
      const watcher = watch(out, (_, name) => {
        if (nth === 0 && name === 'statements.json') kill()
      })
      expect((await demo.end).code).toBe(null)
      watcher.close()

      const second = await runDemo(...command)
      expect(second.stderr).toBe('')
      expect(second.code).toBe(0)
      expect(resultsIn(out)).toEqual(RESULTS)
      expect(await askedAgain(out, asked)).toEqual([])
    } finally {
      await server[Symbol.asyncDispose]()
    }
  },
)

/** The questions that were asked after their answer was in the journal. */
async function askedAgain(out: string, asked: readonly Asked[]): Promise<string[]> {
  const { runtime, close } = await openBegun(placeAt(out))
  try {
    const found: string[] = []
    for (const { id, kind } of await allRuns(runtime))
      if (kind === 'agent') found.push(...(await askedAgainBy(await runtime.runs.entries(id), asked)))
    return found
  } finally {
    await close()
  }
}

/** Conversations only grow, so a run's replies and its different conversations, in their order, belong together. */
function askedAgainBy(entries: readonly Entry[], asked: readonly Asked[]): string[] {
  const [started] = entries
  const task = started?.kind === 'run.started' ? started.body.input : undefined
  const own = Map.groupBy(
    asked.filter((ask) => ask.task === task),
    ({ conversation }) => conversation,
  )
  const questions = [...own].toSorted(([a], [b]) => a.length - b.length).map(([, asks]) => asks)
  const replies = entries.filter((entry) => entry.kind === 'model.replied')
  if (questions.length !== replies.length) return [`${replies.length} replies to ${questions.length} questions.`]
  return replies.flatMap(({ at, key }, index) =>
    (questions[index] ?? []).filter((ask) => ask.at > at).map((ask) => `${key} again: ${ask.conversation}`),
  )
}
