// What only a process shows: that all of its output comes out, and that nobody is told of a reader who has seen enough.
import { once } from 'node:events'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { text } from 'node:stream/consumers'
import { beforeAll, expect, test } from 'vitest'
import { clerk, deskRuntime } from './desk.fixture.ts'
import { launch, tempFolder } from './reprise.fixture.ts'

const cwd = tempFolder()
const store = join(cwd, 'runs.db')
const LONG = 'long '.repeat(400_000)

beforeAll(async () => {
  const runtime = deskRuntime(store)
  await runtime.enqueue(clerk, LONG, { id: 'r' })
  await runtime.close()
})

test('all of a long output comes out, however late it is read', { tags: 'slow' }, async () => {
  const child = launch(['show', 'r', '--json', '--store', store], { cwd })
  const exit = once(child, 'close')
  await once(child.stdout, 'readable')
  for (let turns = 0; turns < 100; turns++) await setImmediate()
  const [stdout, [code]] = await Promise.all([text(child.stdout), exit])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ entries: [{ body: { input: LONG } }] })
})

test('a reader who has seen enough is no failure', { tags: 'slow' }, async () => {
  const child = launch(['show', 'r', '--json', '--store', store], { cwd })
  await once(child.stdout, 'readable')
  child.stdout.destroy()
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  expect([code, stderr]).toEqual([0, ''])
})
