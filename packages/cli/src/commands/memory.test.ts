import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { printed, reprise, tempFolder } from '../reprise.fixture.ts'

const CONFIG = `import { createRuntime, defineAgent, memory } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { scriptedModel } from '@reprise/testing'
import { z } from 'zod'
import { reopening } from ${JSON.stringify(join(import.meta.dirname, '../desk.fixture.ts'))}

const schema = z.object({ key: z.string(), value: z.string() })
const desk = defineAgent({ name: 'desk', model: 'm', instructions: '', memory: memory({ scope: 'user', schema }) })
const open = () => sqlite(import.meta.dirname + '/runs.db')
export const runtime = reopening(() => createRuntime({ store: open(), models: scriptedModel([]), definitions: [desk] }))
`

let cwd: string
let store: string
beforeEach(() => {
  cwd = tempFolder()
  store = join(cwd, 'runs.db')
  writeFileSync(join(cwd, 'reprise.config.ts'), CONFIG)
})

const set = (key: string, value: string, ...more: readonly string[]): string[] => [
  'memory',
  'set',
  JSON.stringify({ key, value }),
  '--by',
  'bob',
  ...more,
]

describe('reprise memory', () => {
  it('sets facts by their keys, lists them without code, and erases them', async () => {
    expect(await printed(set('size', '44', '--user', 'ann'), { cwd })).toBe('size is kept.\n')
    await printed(set('street', 'Main\u0007', '--user', 'ann'), { cwd })
    await printed(set('size', '45', '--user', 'ann'), { cwd })
    const listed = await printed(['memory', 'list', '--user', 'ann', '--store', store], { cwd })
    const [head, ...rows] = listed
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/))
    expect(head).toEqual(['KEY', 'MEMORY', 'SINCE', 'FROM', 'FACT'])
    expect(rows.map(([key, memory, , from, fact]) => [key, memory, from, fact])).toEqual([
      ['size', 'memory', 'bob', '{"key":"size","value":"45"}'],
      ['street', 'memory', 'bob', expect.stringContaining('Main')],
    ])
    expect(listed).not.toContain('\u0007')
    const page = ['memory', 'list', '--user', 'ann', '--limit', '1', '--json', '--store', store]
    const { facts, next } = JSON.parse(await printed(page, { cwd })) as { facts: { id: number }[]; next: number }
    expect(facts).toMatchObject([{ key: 'size', value: { value: '45' }, id: next }])
    expect(await printed([...page, '--before', String(next)], { cwd })).toContain('"key": "street"')

    const erase = ['memory', 'erase', '--user', 'ann', '--by', 'bob', '--store', store]
    expect(await printed([...erase, 'size'], { cwd })).toBe('1 fact erased.\n')
    expect(await printed(erase, { cwd })).toBe('1 fact erased.\n')
    expect(await printed(erase, { cwd })).toBe('Nothing is erased.\n')
    expect(await printed(['memory', 'list', '--user', 'ann'], { cwd })).toBe('Nothing is known.\n')
    const audit = await printed(['audit', '--store', store], { cwd })
    expect(audit).toContain('remembered')
  })

  it('refuses what names nobody, and what is no fact', async () => {
    expect(await reprise(set('size', '44'), { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('name a person or a tenant by --user and --tenant'),
    })
    expect(await reprise(set('size', '44', '--tenant', 'acme'), { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No agent of this runtime has a memory "memory" of a tenant.'),
    })
  })
})
