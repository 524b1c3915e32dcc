// What the releases have recorded goes through a golden file, into stores of all kinds, and stays what it was.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRuntime, type Store } from '@reprise/core'
import { memoryStore, scriptedModel } from '@reprise/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { sqlite } from '../sqlite/sqlite.ts'
import { openGolden, type Release, releases } from './releases.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-'))
afterAll(() => rmSync(folder, { recursive: true }))

const kept = releases.flatMap((release) => release.stores.map((golden) => ({ file: golden.file, golden, release })))

let stores = 0
const kinds: [name: string, open: () => Store][] = [
  ['a memory store', () => memoryStore()],
  ['a SQLite store', () => sqlite(join(folder, `${stores++}.db`))],
  [
    'an encrypted one',
    () => sqlite(join(folder, `${stores++}.db`), { encryption: { key: randomBytes(32).toString('base64') } }),
  ],
]

function runtimeOn(store: Store, { definitions }: Pick<Release, 'definitions'>) {
  return createRuntime({ store, models: scriptedModel([]), definitions, log: quiet })
}

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

async function textOf(lines: AsyncIterable<string>): Promise<string> {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all.join('')
}

describe.each(kept)('the runs of $file', ({ golden, release }) => {
  test.each(kinds)('come out of a golden file in %s as they were, and replay', async (_, open) => {
    const store = openGolden(golden, folder)
    const [from, to] = [runtimeOn(store, release), runtimeOn(open(), release)]
    const text = await textOf(from.export({}))
    const { runs } = await to.import([text])
    const rows = (await store.runs({ limit: 1_000 })).filter(({ erasedAt }) => erasedAt === null)
    expect(runs.toSorted()).toEqual(rows.map(({ id }) => id).toSorted())
    for (const id of runs) {
      expect(await to.runs.entries(id), id).toEqual(await from.runs.entries(id))
      expect((await to.replay(id)).divergence, id).toBeNull()
    }
    const ended = (line: string): boolean => !/^\{"run":.*"endedAt":null/.test(line)
    const again = await textOf(to.export({}))
    expect(again.split('\n').filter(ended)).toEqual(text.split('\n').filter(ended))
    await Promise.all([from.close(), to.close()])
    await store.close()
  })
})

test(
  'an import whose process is killed is whole once it is done again, and nothing in it is twice',
  { tags: 'slow' },
  async () => {
    const [first] = kept
    if (!first) throw new Error('There is a release')
    const store = openGolden(first.golden, folder)
    const [head = '', ...lines] = (await textOf(runtimeOn(store, first.release).export({ name: 'clerk' })))
      .trimEnd()
      .split('\n')
    await store.close()
    const one = lines.findIndex((line, at) => at > 0 && line.startsWith('{"run"'))
    const [row = '', ...entries] = lines.slice(0, one)
    const { run: id } = JSON.parse(row) as { run: string }
    const ids = Array.from({ length: 900 }, (_, at) => `r${at}`)
    const file = join(folder, 'many.golden.jsonl')
    const many = ids.flatMap((other) => [row.replaceAll(JSON.stringify(id), JSON.stringify(other)), ...entries])
    writeFileSync(file, [head, ...many, `{"end":${ids.length}}`].join('\n'))
    const path = join(folder, 'killed.db')
    const source = `
    import { createReadStream } from 'node:fs'
    import { createRuntime } from '${import.meta.resolve('@reprise/core')}'
    import { sqlite } from '${import.meta.resolve('../sqlite/sqlite.ts')}'
    import { crashing, scriptedModel } from '${import.meta.resolve('@reprise/testing')}'
    const [at, side] = process.argv.slice(2)
    const store = crashing(sqlite(${JSON.stringify(path)}), { at: Number(at), side, how: 'kill' })
    const runtime = createRuntime({ store, models: scriptedModel([]), definitions: [] })
    await runtime.import(createReadStream(${JSON.stringify(file)}))
    await runtime.close()`
    for (const side of ['before', 'after']) {
      const child = spawn(process.execPath, ['--input-type=module', '-', '2', side])
      child.stdin.end(source)
      child.stderr.pipe(process.stderr)
      expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
    }
    const runtime = runtimeOn(sqlite(path), first.release)
    const { runs, present } = await runtime.import([readFileSync(file)])
    expect([...present, ...runs]).toEqual(ids)
    // One commit of the first process, and two of the second, which found that one.
    expect(present.length).toBeGreaterThan(600)
    const all = await textOf(runtime.export({}))
    expect(all.split('\n').length).toBe([head, ...many].length + 2)
    for (const id of ['r0', ...present.slice(-1), ...runs])
      expect((await runtime.runs.entries(id)).length, id).toBe(entries.length)
    await runtime.close()
  },
)
