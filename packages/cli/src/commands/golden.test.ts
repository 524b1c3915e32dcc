import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { recordServed, recordWaiting } from '../desk.fixture.ts'
import { printed, reprise, tempFolder, writeConfig } from '../reprise.fixture.ts'

let cwd: string
let store: string

beforeEach(async () => {
  cwd = tempFolder()
  store = join(cwd, 'runs.db')
  await recordServed(store, 'a', 'b')
})

function ids(text: string): unknown[] {
  return text
    .trimEnd()
    .split('\n')
    .flatMap((line) => (JSON.parse(line) as { run?: unknown }).run ?? [])
}

describe('reprise export', () => {
  it('prints runs, or all that fit, and says what made the file', async () => {
    await recordWaiting(store)
    const text = await printed(['export', 'b', '--store', store], { cwd })
    expect(text.split('\n')[0]).toMatch(/^\{"reprise":"golden","version":1,"journal":2,"by":"reprise \d/)
    expect(ids(text)).toEqual(['b'])
    const found = async (...args: string[]): Promise<unknown[]> =>
      ids(await printed(['export', ...args, '--store', store], { cwd }))
    expect(await found('a', 'b')).toEqual(['a', 'b'])
    expect(await found('night')).toEqual(['night', 'night/agent:clerk'])
    expect(await found('--tag', 'web')).toEqual(['a', 'b'])
    expect(await found('--name', 'clerk')).toEqual(['a', 'b', 'night/agent:clerk'])
    expect(await found('--status', 'waiting')).toEqual(['night', 'night/agent:clerk'])
    expect(await found('--all')).toEqual(['a', 'b', 'night', 'night/agent:clerk'])
  })

  it('writes a file, and touches none that is there; nothing is left of one that fails', async () => {
    const out = join(cwd, 'a.jsonl')
    const args = ['export', 'a', '--store', store, '--out', 'a.jsonl']
    expect(await printed(args, { cwd })).toBe(`1 run is exported to ${out}.\n`)
    expect(readFileSync(out, 'utf8')).toBe(await printed(['export', 'a', '--store', store], { cwd }))
    expect(await reprise(args, { cwd })).toMatchObject({
      code: 1,
      stderr: `reprise: There is something at ${out} already, and it was left as it is. Move it away, or name another file.\n`,
    })
    expect((await reprise(['export', 'c', '--store', store, '--out', 'c.jsonl'], { cwd })).code).toBe(1)
    expect(existsSync(join(cwd, 'c.jsonl'))).toBe(false)
  })

  it('asks for runs by name or by a filter, and not for both', async () => {
    const wrong = {
      code: 2,
      stdout: '',
      stderr:
        'reprise: name runs, or say which by --all, --status, --name, --tag, --tenant or --user, and not both. See: reprise export --help\n',
    }
    expect(await reprise(['export', '--store', store], { cwd })).toEqual(wrong)
    expect(await reprise(['export', 'a', '--all', '--store', store], { cwd })).toEqual(wrong)
    expect(await printed(['export', '--help'], { cwd })).toContain(
      '$ reprise export ticket-4711 > ticket-4711.golden.jsonl',
    )
  })
})

describe('reprise import', () => {
  it('writes what is not there, from a file or from stdin, into a store that is made for it', async () => {
    await recordWaiting(store)
    writeFileSync(join(cwd, 'all.jsonl'), await printed(['export', '--all', '--store', store], { cwd }))
    const text = await printed(['export', 'a', '--store', store], { cwd })
    const stdin = (async function* () {
      yield text.slice(0, 100)
      yield text.slice(100)
    })()
    expect(await printed(['import', '-', '--store', 'other.db'], { cwd, stdin })).toBe(
      '1 run is imported, and 0 runs are there already.\n',
    )
    expect(await printed(['import', 'all.jsonl', '--store', 'other.db'], { cwd })).toBe(
      `3 runs are imported, and 1 run is there already.
1 run had not ended where they come from, and nobody goes on with them here. List them with: reprise runs --status quarantined
`,
    )
    expect(JSON.parse(await printed(['import', 'all.jsonl', '--store', 'other.db', '--json'], { cwd }))).toEqual({
      runs: [],
      parked: [],
      present: ['a', 'b', 'night', 'night/agent:clerk'],
    })
    expect(await printed(['verify', '--store', 'other.db'], { cwd })).toContain('every hash holds.')
    expect(await printed(['show', 'night', '--store', 'other.db'], { cwd })).toContain('It was imported')
  })

  it('into the store of the config, whose code replays it', async () => {
    const text = await printed(['export', 'a', '--store', store], { cwd })
    const other = tempFolder()
    writeConfig(other)
    writeFileSync(join(other, 'a.jsonl'), text)
    await printed(['import', 'a.jsonl'], { cwd: other })
    expect(await printed(['replay', 'a'], { cwd: other })).toBe('a  matched, 8 entries\n')
  })

  it('names the line of a file that is none, and the path where there is no file', async () => {
    expect(await reprise(['import', '-', '--store', 'other.db'], { cwd })).toMatchObject({
      code: 1,
      stderr: 'reprise: There is no stdin to read. Give the path of a file.\n',
    })
    expect(await reprise(['import', 'none.jsonl', '--store', 'other.db'], { cwd })).toMatchObject({
      code: 1,
      stderr: `reprise: There is no file at ${join(cwd, 'none.jsonl')}. Check the path.\n`,
    })
    const problemOf = async (file: string) => (await reprise(['import', file, '--store', 'other.db'], { cwd })).stderr
    expect(await problemOf('.')).toBe(`reprise: ${cwd} is a folder. Give the path of a file.\n`)
    writeFileSync(join(cwd, 'binary.db'), Uint8Array.of(0x7b, 0xff, 0x0a))
    expect(await problemOf('binary.db')).toMatch(/^reprise: Line 1 of the golden file cannot be taken: .* no UTF-8\./)
    writeFileSync(join(cwd, 'chat.jsonl'), '{"messages":[]}\n')
    expect(await problemOf('chat.jsonl')).toContain('What was recorded elsewhere is read by reprise import --from.')
    writeFileSync(join(cwd, 'bad.jsonl'), 'Dear all,\n')
    expect((await reprise(['import', 'bad.jsonl', '--store', 'other.db'], { cwd })).stderr).toMatch(
      /^reprise: Line 1 of the golden file cannot be taken: it is no JSON: Dear all,\. Each line is one object/,
    )
  })
})
