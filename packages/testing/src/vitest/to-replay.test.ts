import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { createRuntime, defineAgent, defineTool, messageOf } from '@reprise/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryStore } from '../memory-store/memory-store.ts'
import { scriptedModel } from '../scripted-model.ts'
import { readGolden } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-golden-'))
afterAll(() => rmSync(folder, { recursive: true }))

const look = defineTool({
  name: 'look',
  description: 'Looks an order up.',
  input: z.object({ id: z.string() }),
  effect: 'read',
  execute: ({ id }) => ({ id, price: 12 }),
})
const base = { name: 'desk', model: 'gpt-4.1-mini', instructions: 'You help.\nBe brief.', tools: [look] } as const
const desk = defineAgent(base)
const kind = defineAgent({ ...base, instructions: 'You help.\nBe kind.' })
const deaf = defineAgent({ ...base, tools: [] })

const recorded = join(folder, 'recorded.jsonl')
let file = ''

beforeAll(async () => {
  const models = scriptedModel(({ items }) =>
    items.length === 1 ? { calls: [{ name: 'look', arguments: { id: 'a' } }] } : { text: '$12' },
  )
  await using runtime = createRuntime({ store: memoryStore(), models, definitions: [desk] })
  for (const id of ['a', 'b']) await (await runtime.start(desk, `Where is ${id}?`, { id })).result()
  let text = ''
  for await (const line of runtime.export({})) text += line
  writeFileSync(recorded, text)
})
beforeEach(() => {
  file = join(mkdtempSync(join(folder, 'test-')), 'desk.golden.jsonl')
  copyFileSync(recorded, file)
})

/** What an assertion fails with. */
async function complaint(assertion: Promise<void>): Promise<string> {
  const said = await assertion.then(
    () => 'It did not fail',
    (error: unknown) => messageOf(error),
  )
  return stripVTControlCharacters(said).replaceAll(file, 'FILE')
}

/** Does something as `vitest --update` would. */
async function updating(work: () => Promise<void>): Promise<void> {
  const { snapshotState } = expect.getState()
  expect.setState({ snapshotState: { snapshotUpdateState: 'all' } as typeof snapshotState })
  try {
    await work()
  } finally {
    expect.setState({ snapshotState })
  }
}

describe('expect(golden).toReplay', () => {
  it('passes where all runs replay: of a path, an address, what readGolden gives, or text', async () => {
    await expect(file).toReplay([desk])
    await expect(pathToFileURL(file)).toReplay([desk])
    await expect(readGolden(file)).toReplay([desk])
    await expect([readFileSync(file)]).toReplay([desk])
    expect(await complaint(expect(file).not.toReplay([desk]))).toBe('FILE was expected not to replay, and does.')
  })

  it('fails at a divergence, which it names for each run, and which nothing accepts', async () => {
    const said = await complaint(expect(file).toReplay([deaf], { differences: 'allow' }))
    expect(said).toBe(`0 of 2 runs of FILE replay under these definitions.

a  diverged at entry 2 of 5
  recorded  call.returned look at agent:0/turn:0/call:0 with {"id":"a"}
  today     call.failed look at agent:0/turn:0/call:0 (unknown_tool)
b  diverged at entry 2 of 5
  recorded  call.returned look at agent:0/turn:0/call:0 with {"id":"a"}
  today     call.failed look at agent:0/turn:0/call:0 (unknown_tool)`)
    await updating(async () => {
      expect(await complaint(expect(file).toReplay([deaf]))).toContain('0 of 2 runs')
    })
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(recorded, 'utf8'))
    await expect(file).not.toReplay([deaf])
  })

  it('fails where a text has changed, with its lines and what to do, unless that is allowed', async () => {
    expect(await complaint(expect(file).toReplay([kind])))
      .toBe(`2 of 2 runs of FILE replay under these definitions, and texts have changed.


Changed: the instructions of desk, in 2 places.
- Recorded
+ Today

  You help.
- Be brief.
+ Be kind.

A run goes on with the texts that it has recorded. Where the change is meant, accept it by vitest --update: the file then says so.`)
    await expect(file).toReplay([kind], { differences: 'allow' })
    const { text } = readGolden(file)
    expect(await complaint(expect({ text }).toReplay([kind]))).toContain(
      "say toReplay(definitions, { differences: 'allow' }).",
    )
  })

  it('has a change accepted by --update: the file says so at its end, and holds until the text changes again', async () => {
    await updating(() => expect(file).toReplay([kind]))
    const lines = readFileSync(file, 'utf8').split('\n')
    expect(lines.splice(-2)).toEqual([
      expect.stringMatching(
        /^\{"accepted":\{"agent":"desk","field":"instructions","recorded":"[\w-]{43}","today":"[\w-]{43}"\}\}$/,
      ),
      '',
    ])
    expect(`${lines.join('\n')}\n`).toBe(readFileSync(recorded, 'utf8'))
    await expect(file).toReplay([kind])
    await expect(file).toReplay([desk])
    const other = defineAgent({ ...base, instructions: 'You help.\nBe quick.' })
    expect(await complaint(expect(file).toReplay([other]))).toContain('+ Be quick.')
    await updating(() => expect(file).toReplay([desk]))
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(recorded, 'utf8'))
  })

  it('fails for a run whose definition is not given, a file without runs, and what is no file', async () => {
    expect(await complaint(expect(file).toReplay([]))).toContain(
      'a  not replayed: The agent "desk" is not one of this runtime',
    )
    writeFileSync(file, '{"reprise":"golden","version":1,"journal":2,"by":"x"}\n{"end":0}\n')
    expect(await complaint(expect(file).toReplay([desk]))).toContain('There is no run in it.')
    writeFileSync(file, '{}')
    expect(await complaint(expect(file).toReplay([desk]))).toContain('Line 1 of the golden file cannot be taken')
    const nowhere = join(folder, 'nowhere.jsonl')
    expect(await complaint(expect(nowhere).toReplay([desk]))).toBe(
      `There is no golden file at ${nowhere}. Check the path, or write it with: reprise export RUN > FILE`,
    )
    expect(await complaint(expect({}).toReplay([desk]))).toContain('toReplay takes the path of a golden file')
  })
})
