import { once } from 'node:events'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { clerk, deskRuntime } from '../desk.fixture.ts'
import { begin, reprise, start, tempFolder, writeConfig } from '../reprise.fixture.ts'

let cwd: string
let store: string

beforeEach(() => {
  cwd = tempFolder()
  store = join(cwd, 'runs.db')
  writeConfig(cwd)
})

describe.skipIf(process.platform === 'win32')('reprise work', () => {
  it('takes queued runs until SIGTERM, and ends well', async () => {
    const runtime = deskRuntime(store)
    const ids = ['a', 'b', 'c']
    for (const id of ids) await runtime.enqueue(clerk, `Order ${id}`, { id })
    const work = start(['work', '--concurrency', '2'], { cwd })
    const watching = ids.map((id) => reprise(['watch', id, '--store', store], { cwd }))
    expect((await Promise.all(watching)).map(({ code }) => code)).toEqual([0, 0, 0])
    work.child.kill('SIGTERM')
    expect(await work.ended).toEqual({
      code: 0,
      stdout: '',
      stderr: `Working, 2 runs at a time at most. ^C stops it.
Stopping: what is under way is finished and written. ^C again stops at once.
`,
    })
    expect((await runtime.runs.list()).map(({ status, owner }) => [status, owner])).toEqual(
      ids.map(() => ['completed', null]),
    )
    await runtime.close()
  })

  it('stops at SIGINT too', async () => {
    const { io, ended } = begin(['work'], { cwd })
    await once(io.stderr, 'data')
    io.emit('SIGINT')
    expect((await ended).code).toBe(0)
  })

  it('ends at once when it is asked a second time', async () => {
    writeConfig(
      cwd,
      'desk.definitions',
      `desk.models.ask = async function* () { await new Promise(() => setInterval(() => {}, 1e6)) }`,
    )
    const runtime = deskRuntime(store)
    await runtime.enqueue(clerk, 'Order a', { id: 'a' })
    const { child, ended } = start(['work'], { cwd })
    await once(child.stderr, 'data')
    child.kill('SIGINT')
    await once(child.stderr, 'data')
    child.kill('SIGINT')
    expect((await ended).code).toBe(null)
    await runtime.close()
  })
})
