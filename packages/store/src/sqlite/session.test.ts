// One conversation, several processes: two runtimes on two connections of one file.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scriptedModel } from '@reprise/testing'
import { afterAll, expect, test } from 'vitest'
import { createRuntime, defineAgent } from '@reprise/core'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-session-'))
afterAll(() => rmSync(folder, { recursive: true }))

const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'Help.' })

test('a session is worked one message at a time by whoever sends, and each answer knows all before it', async () => {
  const path = join(folder, 'chat.db')
  let [busy, most] = [0, 0]
  const heard: number[] = []
  const models = scriptedModel(async ({ items }) => {
    most = Math.max(most, ++busy)
    await new Promise((resolve) => setTimeout(resolve, 1))
    busy--
    heard.push(items.length)
    return { text: `${items.length}` }
  })
  const open = () => createRuntime({ store: sqlite(path), models, definitions: [desk] })
  await using one = open()
  await using other = open()
  const sessions = [one, other].map((runtime) => runtime.session('chat', { agent: desk }))

  const runs = await Promise.all(
    Array.from({ length: 12 }, async (_, n) => sessions[n % 2]?.send(`message ${n}`, { id: `m${n}` })),
  )
  const results = await Promise.all(runs.flatMap((run) => run?.result() ?? []))

  expect(most).toBe(1)
  expect(heard).toEqual(Array.from({ length: 12 }, (_, n) => 2 * n + 1))
  expect(results.map(Number).toSorted((a, b) => a - b)).toEqual(heard)
  const rows = await sessions[0]?.runs()
  expect(rows?.map(({ turn }) => turn)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1))
  for (const { id } of rows ?? []) expect(await other.replay(id)).toMatchObject({ status: 'matched' })
})

test('a turn of a conversation that was at rest reads the same, cold as warm', async () => {
  const path = join(folder, 'cold.db')
  const asked: string[] = []
  const models = scriptedModel(({ items }) => {
    asked.push(JSON.stringify(items))
    return { text: `answer ${asked.length}` }
  })
  for (let n = 0; n < 4; n++) {
    await using runtime = createRuntime({ store: sqlite(path), models, definitions: [desk] })
    const session = runtime.session('chat', { agent: desk })
    for (const id of [`${n}a`, `${n}b`]) await (await session.send(`message ${id}`, { id })).result()
  }
  // Each request begins with all of the one before.
  for (const [at, request] of asked.entries())
    if (at > 0) expect(request.startsWith(asked[at - 1]?.slice(0, -1) ?? '')).toBe(true)
  expect(JSON.parse(asked.at(-1) ?? '[]')).toHaveLength(15)
})
