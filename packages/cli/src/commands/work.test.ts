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
  it('takes queued runs until SIGTERM, and ends well', { tags: 'slow' }, async () => {
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

  it('takes no more at SIGTERM, writes what is under way, and frees what it has', async () => {
    // The model answers when the process gets another signal.
    writeConfig(
      cwd,
      'desk.definitions',
      `const { ask } = desk.models
desk.models.ask = async function* (request, signal) {
  process.stderr.write('asked\\n')
  await new Promise((resolve) => process.once('SIGUSR2', resolve))
  yield* ask.call(desk.models, request, signal)
}`,
    )
    const runtime = deskRuntime(store)
    for (const id of ['a', 'b']) await runtime.enqueue(clerk, `Order ${id}`, { id })
    const { child, ended } = start(['work', '--concurrency', '1'], { cwd })
    const says = (words: string): Promise<void> =>
      new Promise((resolve) => {
        child.stderr.on('data', (chunk: Buffer) => chunk.toString().includes(words) && resolve())
      })
    const [asked, stopping] = [says('asked'), says('Stopping')]
    await asked
    child.kill('SIGTERM')
    await stopping
    child.kill('SIGUSR2')
    expect((await ended).code).toBe(0)
    const kinds = async (id: string) => (await runtime.runs.entries(id)).map(({ kind }) => kind)
    expect(await kinds('a')).toEqual(['run.started', 'model.replied', 'run.completed'])
    expect(await kinds('b')).toEqual(['run.started'])
    expect((await runtime.runs.list()).map(({ id, status, owner }) => [id, status, owner])).toEqual([
      ['a', 'completed', null],
      ['b', 'queued', null],
    ])
    await runtime.close()
  })

  it('stops at SIGINT too', async () => {
    const { io, ended } = begin(['work'], { cwd })
    await once(io.stderr, 'data')
    io.emit('SIGINT')
    expect((await ended).code).toBe(0)
  })

  it('ends at once when it is asked a second time', { tags: 'slow' }, async () => {
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
