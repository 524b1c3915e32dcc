// What the store tells the system to keep before it says that something is kept: read off its system calls.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { appending, beginning, sampleMessage } from '@reprise/testing/store-suite'
import { afterAll, describe, expect, test } from 'vitest'
import type { Durability } from './open.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-power-'))
afterAll(() => rmSync(folder, { recursive: true }))

const traces = spawnSync('strace', ['-o', join(folder, 'trial'), process.execPath, '--version']).status === 0

/** Every kind of write of a store, each said to be done on stdout once its promise has resolved. */
function program(path: string, durability: Durability | undefined): string {
  const said = [beginning('r1'), appending('r1', 1), appending('r1', 2), sampleMessage('r1', 'a')]
  return `
    import { writeSync } from 'node:fs'
    import { sqlite } from '${import.meta.resolve('./sqlite.ts')}'
    const [begin, append, effect, message] = ${JSON.stringify(said)}
    const store = sqlite(${JSON.stringify(path)}, ${JSON.stringify({ durability })})
    const writes = {
      begin: () => store.commit([begin]),
      append: () => store.commit([append]),
      transact: () => store.transact('r1', 1, (db) => (db.exec('create table book (amount)'), effect)),
      send: () => store.send(message),
      claim: () => store.claim('r1', 'bob', 1),
    }
    for (const [name, write] of Object.entries(writes)) {
      await write()
      writeSync(1, \`done: \${name}\\n\`)
    }`
}

/** The writes of the log that were not flushed to the disk when each write of the store was said to be done. */
function unflushed(durability?: Durability): string[] {
  const trace = join(folder, `${durability}.trace`)
  const calls = ['-y', '-e', 'trace=write,pwrite64,fsync,fdatasync', '-o', trace]
  const path = join(folder, `${durability}.db`)
  const { status, stderr } = spawnSync('strace', [...calls, process.execPath, '--input-type=module', '-'], {
    input: program(path, durability),
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  let pending = 0
  return readFileSync(trace, 'utf8')
    .split('\n')
    .flatMap((line) => {
      if (/^pwrite64\(\d+<[^>]*-wal>/.test(line)) pending++
      if (/^f(data)?sync\(\d+<[^>]*-wal>/.test(line)) pending = 0
      const [, name] = /^write\(1<[^>]*>, "done: (\w+)/.exec(line) ?? []
      return name === undefined ? [] : [`${name}: ${pending === 0 ? 'none' : 'some'}`]
    })
}

const WRITES = ['begin', 'append', 'transact', 'send', 'claim']

describe.skipIf(!traces)('a write that is said to be done (skipped where strace cannot tell)', () => {
  test('is on the disk by then, whichever it is', () => {
    expect(unflushed()).toEqual(WRITES.map((name) => `${name}: none`))
  })

  test('is in the hands of the system alone where only the end of the process is to be survived', () => {
    expect(unflushed('process')).toEqual(WRITES.map((name) => `${name}: some`))
  })
})
