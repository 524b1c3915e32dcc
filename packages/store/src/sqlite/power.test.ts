// What the store tells the system to keep before it says that something is kept: read off its system calls.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { appending, beginning, sampleMessage } from '@reprise/testing/store-suite'
import { afterAll, describe, expect, test } from 'vitest'
import type { Durability } from './open.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-power-'))
afterAll(() => rmSync(folder, { recursive: true }))

const traces = spawnSync('strace', ['-o', join(folder, 'trial'), process.execPath, '--version']).status === 0

interface Manner {
  readonly durability?: Durability
  readonly encryption?: { readonly key: string }
}

const WRITES = ['begin', 'again', 'append', 'transact', 'send', 'claim']

/** Every kind of write of a store, each said to be done on stdout once its promise has resolved. */
function program(path: string, manner: Manner): string {
  const said = [beginning('r1'), beginning('r2'), appending('r1', 1), appending('r1', 2), sampleMessage('r1', 'a')]
  return `
    import { writeSync } from 'node:fs'
    import { sqlite } from '${import.meta.resolve('./sqlite.ts')}'
    const [begin, again, append, effect, message] = ${JSON.stringify(said)}
    const store = sqlite(${JSON.stringify(path)}, ${JSON.stringify(manner)})
    const writes = {
      begin: () => store.commit([begin]),
      again: () => store.commit([again]),
      append: () => store.commit([append]),
      transact: () => store.transact('r1', 1, (db) => (db.exec('create table book (amount)'), effect)),
      send: () => store.send(message),
      claim: () => store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 0 }, { owner: 'bob', heartbeat: 0 }),
    }
    for (const [name, write] of Object.entries(writes)) {
      await write()
      writeSync(1, \`done: \${name}\\n\`)
    }`
}

/** What of the log, of the keys, and of the names in the folder was not flushed when each write was said to be done. */
function unflushed(name: string, manner: Manner = {}): string[] {
  const inside = join(folder, name)
  mkdirSync(inside)
  const trace = join(folder, `${name}.trace`)
  const calls = ['-y', '-e', 'trace=write,pwrite64,fsync,fdatasync,unlink', '-o', trace]
  const input = program(join(inside, 'runs.db'), manner)
  const { status, stderr } = spawnSync('strace', [...calls, process.execPath, '--input-type=module', '-'], {
    input,
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const dirty = new Set<string>()
  return readFileSync(trace, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, call = '', file = ''] = /^(\w+)\((?:\d+<|")([^>"]*)/.exec(line) ?? []
      if (call === 'pwrite64' && /(-wal|\.keys)$/.test(file)) dirty.add(basename(file))
      // Where a file that would take a commit back is gone, its name must not come back either.
      if (call === 'unlink' && file.endsWith('-journal')) dirty.add(name)
      if (call.endsWith('sync')) dirty.delete(basename(file))
      const [, done] = /^write\(1<[^>]*>, "done: (\w+)/.exec(line) ?? []
      return done === undefined ? [] : [`${done}: ${[...dirty].join() || 'all flushed'}`]
    })
}

describe.skipIf(!traces)('a write that is said to be done (skipped where strace cannot tell)', () => {
  test.each<[string, Manner]>([
    ['plain', {}],
    ['encrypted', { encryption: { key: Buffer.alloc(32, 'key').toString('base64') } }],
  ])('is on the disk by then, whichever it is, and whatever it is read by (%s)', { tags: 'slow' }, (name, manner) => {
    expect(unflushed(name, manner)).toEqual(WRITES.map((write) => `${write}: all flushed`))
  })

  test(
    'is in the hands of the system alone where only the end of the process is to be survived',
    { tags: 'slow' },
    () => {
      expect(unflushed('process', { durability: 'process' })).toEqual(WRITES.map((write) => `${write}: runs.db-wal`))
    },
  )
})
