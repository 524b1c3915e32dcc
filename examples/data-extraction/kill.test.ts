import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from '@reprise/core'
import { type FakeOpenAI, fakeOpenAI } from '@reprise/testing'
import { expect, it } from 'vitest'
import { openBegun } from './open.ts'
import { writtenPart } from './part/part.ts'
import { taskOf } from './part/scene.ts'
import { placeAt } from './place.ts'
import { RESULTS, resultsIn } from './results.fixture.ts'
import { runDemo, startDemo } from './run-demo.fixture.ts'
import { allRuns } from './show/runs.ts'
import { tempFolder } from './temp-folder.fixture.ts'

/** A question that a server was asked. */
interface Asked {
  readonly at: number
  readonly task: string
  readonly conversation: string
}

/** One of the fifty questions or so that the demo asks: another each time. */
const question = (third: number): number => 1 + Math.floor((third + Math.random()) * 15)

it.concurrent.each([
  [question(0), 1],
  [question(1), 2],
  [question(2), 3],
])(
  'killed at question %i of seed %i and started again, the demo comes to the same end, and what was answered is not asked again',
  { timeout: 60_000 },
  async (nth, seed) => {
    const out = tempFolder()
    const asked: Asked[] = []
    let kill = (): void => undefined
    const server = await loggedServer(seed, asked, () => {
      if (asked.length === nth) kill()
    })
    try {
      const command = [['--out', out], { OPENAI_BASE_URL: server.url }] as const
      const demo = startDemo(...command)
      kill = () => demo.child.kill('SIGKILL')
      expect((await demo.end).code).toBe(null)
      expect(await runDemo(...command)).toMatchObject({ stderr: '', code: 0 })
      expect(resultsIn(out)).toEqual(RESULTS)
      expect(await askedAgain(out, asked)).toEqual([])
    } finally {
      await server[Symbol.asyncDispose]()
    }
  },
)

it.concurrent(
  'killed between its two results, which cannot be written, it writes both and asks nothing again',
  { timeout: 60_000 },
  async () => {
    const out = tempFolder()
    const asked: Asked[] = []
    const server = await loggedServer(4, asked)
    try {
      const command = [['--out', out], { OPENAI_BASE_URL: server.url }] as const
      const inTheWay = join(out, 'lines.csv.new')
      mkdirSync(inTheWay)
      const demo = startDemo(...command)
      demo.child.stdout?.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('x cannot be written (EISDIR')) demo.child.kill('SIGKILL')
      })
      expect((await demo.end).code).toBe(null)
      rmdirSync(inTheWay)
      const before = asked.length
      const { code, stdout } = await runDemo(...command)
      expect(stdout).toMatch(/\nresults +# written\n/)
      expect(code).toBe(0)
      expect(resultsIn(out)).toEqual(RESULTS)
      expect(asked.length).toBe(before)
    } finally {
      await server[Symbol.asyncDispose]()
    }
  },
)

/** A server that outlives the processes that ask it, and remembers what it was asked. */
function loggedServer(seed: number, asked: Asked[], onAsk = (): void => undefined): Promise<FakeOpenAI> {
  const part = writtenPart(seed)
  return fakeOpenAI((ask) => {
    const { input } = ask.body
    asked.push({ at: Date.now(), task: taskOf(input), conversation: JSON.stringify(input) })
    onAsk()
    return part(ask)
  })
}

/** The questions that were asked after their answer was in the journal. */
async function askedAgain(out: string, asked: readonly Asked[]): Promise<string[]> {
  const opened = await openBegun(placeAt(out))
  try {
    const readers = (await allRuns(opened.runtime)).filter(({ kind }) => kind === 'agent')
    const found = readers.map(async ({ id }) => askedAgainBy(await opened.runtime.runs.entries(id), asked))
    return (await Promise.all(found)).flat()
  } finally {
    await opened.close()
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
