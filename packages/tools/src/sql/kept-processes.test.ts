import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import type { CallContext } from '@reprise/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { call, resultOf } from '../call.fixture.ts'
import { tempFolder } from '../temp-folder.fixture.ts'
import { queryProcesses } from './query-processes.fixture.ts'

const LARGE = "select printf('%.*c', 100000000, 'x') as large"

afterEach(() => vi.useRealTimers())

/** The tool with no process kept yet. */
async function freshTool() {
  vi.resetModules()
  const { querySqlite } = await import('./query-sqlite.ts')
  const tool = querySqlite({ file: `${tempFolder({ 'empty.db': '' })}/empty.db`, timeoutMs: 60_000 })
  const before = queryProcesses()
  return { tool, mine: () => queryProcesses().filter((pid) => !before.includes(pid)) }
}

describe.skipIf(process.platform !== 'linux')('the process of a query', () => {
  test(
    'serves the next, whether or not the query was right, until one leaves too much behind',
    { tags: 'slow' },
    async () => {
      const { tool, mine } = await freshTool()
      await resultOf(tool, { sql: 'select 1' })
      const [pid] = mine()
      await call(tool, { sql: 'select nope' })
      await resultOf(tool, { sql: 'select 2' })
      expect(mine()).toEqual([pid])
      expect(await resultOf(tool, { sql: LARGE })).toMatchObject({ columns: ['large'] })
      await expect.poll(mine).toEqual([])
      await resultOf(tool, { sql: 'select 3' })
      expect(mine()).toHaveLength(1)
    },
  )

  test('ends after ten seconds without another', async () => {
    const { tool, mine } = await freshTool()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await tool.execute({ sql: 'select 1' }, { signal: new AbortController().signal } as CallContext)
    vi.advanceTimersByTime(9_999)
    const [pid] = mine()
    expect(pid).toBeDefined()
    vi.advanceTimersByTime(1)
    vi.useRealTimers()
    await expect.poll(mine).toEqual([])
  })

  test('ends with the program that asked, and does not keep that from its end', { tags: 'slow' }, async () => {
    const program = `
      import { querySqlite } from ${JSON.stringify(new URL('query-sqlite.ts', import.meta.url).href)}
      import { queryProcesses } from ${JSON.stringify(new URL('query-processes.fixture.ts', import.meta.url).href)}
      const { execute } = querySqlite({ file: ${JSON.stringify(`${tempFolder({ 'empty.db': '' })}/empty.db`)} })
      await execute({ sql: 'select 1' }, { signal: new AbortController().signal })
      process.once('beforeExit', () => console.log(queryProcesses().join()))
    `
    const asking = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [[code], printed] = await Promise.all([once(asking, 'exit'), text(asking.stdout)])
    expect(code).toBe(0)
    expect(printed).toMatch(/^\d+\n$/)
    await expect.poll(() => existsSync(`/proc/${printed.trim()}`)).toBe(false)
  })
})
