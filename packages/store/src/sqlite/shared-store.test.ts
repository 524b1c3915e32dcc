// A store that several runtimes have, one after the other or beside each other, and whoever made it as well.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scriptedModel } from '@reprise/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineTool, defineWorkflow, type Logger } from '@reprise/core'
import { sqlite } from './sqlite.ts'
import type { SqliteStore } from './sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-shared-'))
afterAll(() => rmSync(folder, { recursive: true }))

const quiet: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** A folder for one file, and what lies in it. */
function place() {
  const inside = mkdtempSync(join(folder, 'one-'))
  return { file: join(inside, 'desk.db'), files: () => readdirSync(inside).toSorted() }
}

const OPEN = ['desk.db', 'desk.db-shm', 'desk.db-wal']

/** An agent whose tool writes to the store that it was made with, as a module does that makes both. */
function desk(store: SqliteStore) {
  const restock = defineTool({
    name: 'restock',
    description: 'Adds to the stock.',
    input: z.object({}),
    effect: 'transactional',
    execute: (_input, ctx) => {
      store.tx(ctx).exec('create table if not exists stock (count integer)')
      return store.tx(ctx).prepare('insert into stock values (1)').run().changes
    },
  })
  const agent = defineAgent({ name: 'desk', model: 'm', instructions: '', tools: [restock] })
  const model = scriptedModel(({ items }) =>
    items.at(-1)?.kind === 'result' ? { text: 'done' } : { calls: [{ name: 'restock' }] },
  )
  const runtime = (log = quiet) => createRuntime({ store, models: model, definitions: [agent], log })
  return { agent, runtime }
}

describe('a store that a runtime was given', () => {
  test('serves runtimes one after the other, in memory and in a file', async () => {
    for (const store of [sqlite(':memory:'), sqlite(place().file)]) {
      const { agent, runtime } = desk(store)
      for (const id of ['a', 'b', 'c']) {
        await using one = runtime()
        expect(await (await one.start(agent, 'go', { id })).result()).toBe('done')
      }
      const last = runtime()
      expect((await last.runs.list()).map(({ id, status }) => [id, status])).toEqual([
        ['a', 'completed'],
        ['b', 'completed'],
        ['c', 'completed'],
      ])
      await last.close()
      await store.close()
    }
  })

  test('serves a runtime to its end, while others that had it are closed', async () => {
    const { file, files } = place()
    for (const store of [sqlite(':memory:'), sqlite(file)]) {
      const { agent, runtime } = desk(store)
      const [one, two, idle] = [runtime(), runtime(), runtime()]
      await (await one.start(agent, 'go', { id: 'a' })).result()
      await Promise.all([idle.close(), one.close(), one.close()])
      expect(await (await two.start(agent, 'go', { id: 'b' })).result()).toBe('done')
      await two.close()
      await store.close()
    }
    expect(files()).toEqual(['desk.db'])
  })

  test('lets go of its file when the last of its runtimes is closed, and opens it again for whoever uses it', async () => {
    const { file, files } = place()
    const store = sqlite(file)
    const { agent, runtime } = desk(store)
    const [one, two] = [runtime(), runtime()]
    await (await one.start(agent, 'go', { id: 'a' })).result()
    await one.close()
    expect(files()).toEqual(OPEN)
    await two.close()
    expect(files()).toEqual(['desk.db'])

    expect(await store.run('a')).toMatchObject({ status: 'completed' })
    expect(await two.runs.get('a')).toMatchObject({ status: 'completed' })
    expect(files()).toEqual(OPEN)
    await store[Symbol.asyncDispose]()
    expect(files()).toEqual(['desk.db'])
    await expect(store.run('a')).rejects.toMatchObject({ code: 'store_closed' })
  })

  test('goes on with what one of its runtimes gave up, in the next', async () => {
    const { file } = place()
    const store = sqlite(file, { encryption: { key: () => Promise.resolve(Buffer.alloc(32, 7)) } })
    const flow = defineWorkflow({
      name: 'flow',
      input: z.null(),
      run: async (ctx) => {
        await ctx.sleep(600_000)
      },
    })
    const runtime = () => createRuntime({ store, models: scriptedModel([]), definitions: [flow], log: quiet })
    const first = runtime()
    await first.start(flow, null, { id: 'r' })
    await first.close()
    const second = runtime()
    await second.resume('r')
    expect(await second.runs.get('r')).toMatchObject({ status: 'waiting', owner: expect.any(String) })
    await second.close()
    expect(await store.run('r')).toMatchObject({ owner: null })
    await store.close()
  })

  test('is closed for good by whoever made it, also while a runtime has it and for those that come', async () => {
    const { file, files } = place()
    for (const store of [sqlite(':memory:'), sqlite(file)]) {
      const said: string[] = []
      const { agent, runtime } = desk(store)
      const one = runtime({ ...quiet, error: (text) => said.push(text) })
      await (await one.start(agent, 'go', { id: 'a' })).result()
      await store.close()
      await expect(one.start(agent, 'go', { id: 'b' })).rejects.toMatchObject({ code: 'store_closed' })
      await one.close()
      await using two = runtime()
      await expect(two.start(agent, 'go', { id: 'c' })).rejects.toMatchObject({ code: 'store_closed' })
      expect(said).toEqual([])
    }
    expect(files()).toEqual(['desk.db'])
  })

  test.each([':memory:', 'desk.db'])('lets its process end when its runtime is closed: %s', (name) => {
    const { file } = place()
    const script = `
      import { createRuntime, defineAgent } from '${import.meta.resolve('@reprise/core')}'
      import { scriptedModel } from '${import.meta.resolve('@reprise/testing')}'
      import { sqlite } from '${import.meta.resolve('../index.ts')}'
      const agent = defineAgent({ name: 'a', model: 'm', instructions: '' })
      const store = sqlite(${JSON.stringify(name === ':memory:' ? name : file)})
      for (const id of ['a', 'b']) {
        const runtime = createRuntime({ store, models: scriptedModel([{ text: 'x' }]), definitions: [agent] })
        console.log(await (await runtime.start(agent, 'q', { id })).result())
        await runtime.close()
      }`
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      timeout: 240_000,
    })
    expect([stdout, status]).toEqual(['x\nx\n', 0])
  })
})
