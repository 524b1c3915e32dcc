import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from '@reprise/core'
import { type FakeOpenAI, fakeOpenAI } from '@reprise/fake-openai'
import { expect, it } from 'vitest'
import { demoHere } from '../demo-here.fixture.ts'
import { demo } from './demo.ts'
import { openBegun } from './open.ts'
import { writtenPart } from './part/part.ts'
import { taskOf } from './part/scene.ts'
import { placeAt } from './place.ts'
import { RESULTS, resultsIn } from './results.fixture.ts'
import { type DemoEnd, startDemo } from './start-demo.fixture.ts'
import { allRuns } from './show/runs.ts'
import { tempFolder } from './temp-folder.fixture.ts'

/** A question that a server was asked. */
interface Asked {
  readonly at: number
  readonly task: string
  readonly conversation: string
}

/** A question of the fifty or so that the demo asks: another each time, and some after the one of the part before. */
const question = (part: number): number => 1 + part * 20 + Math.floor(Math.random() * 14)

const [first, second] = [question(0), question(1)]

it(
  `killed at question ${first}, interrupted at ${second} and killed between its two results, the demo comes to the same end and asks nothing again that was answered`,
  { tags: 'slow' },
  async () => {
    const out = tempFolder()
    const asked: Asked[] = []
    let onAsk = (): void => undefined
    const server = await loggedServer(4, asked, () => onAsk())
    const command = [['--out', out], { OPENAI_BASE_URL: server.url }] as const
    const stopAt = (nth: number, signal: 'SIGKILL' | 'SIGINT'): Promise<DemoEnd> => {
      const stopped = startDemo(...command)
      onAsk = () => void (asked.length === nth && stopped.child.kill(signal))
      return stopped.end
    }
    try {
      expect((await stopAt(first, 'SIGKILL')).code).toBe(null)
      const interrupted = await stopAt(second, 'SIGINT')
      expect(interrupted.stdout).toContain(' = goes on where it was\n')
      expect(interrupted.stdout).toMatch(/\nStopped\. The same command goes on where it was\.\n$/)
      expect(interrupted.code).toBe(130)

      const inTheWay = join(out, 'lines.csv.new')
      mkdirSync(inTheWay)
      const unwritten = startDemo(...command)
      unwritten.child.stdout?.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('x cannot be written (EISDIR')) unwritten.child.kill('SIGKILL')
      })
      expect((await unwritten.end).code).toBe(null)
      rmdirSync(inTheWay)
      const before = asked.length

      const { code, stdout, stderr } = await demoHere(demo, ...command)
      expect(stderr).toBe('')
      expect(stdout).toMatch(/\nresults +# written\n/)
      expect(code).toBe(0)
      expect(resultsIn(out)).toEqual(RESULTS)
      expect(asked.length).toBe(before)
      expect(await askedAgain(out, asked)).toEqual([])
    } finally {
      await server[Symbol.asyncDispose]()
    }
  },
)

/** A server that outlives the processes that ask it, and remembers what it was asked. */
function loggedServer(seed: number, asked: Asked[], onAsk: () => void): Promise<FakeOpenAI> {
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
