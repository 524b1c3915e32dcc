import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRuntime, defineAgent, defineTool } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { scriptedModel } from '@reprise/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { begin, reprise, tempFolder } from './reprise.fixture.ts'

/** Orders for a terminal in each of their forms, a colour like the command line's own, and a line of its own. */
const ORDERS = '\u001B[2J\u001B]0;title\u0007\u009B1A\u202E\u001B[32mgood\u007F\r\nforged  agent clerk 1'
const cwd = tempFolder()
const store = join(cwd, 'runs.db')
/** Long enough to be cut, and another at its end. */
const LONG = 'a'.repeat(300)
const id = 'r'

const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  input: z.object({ to: z.string() }),
  effect: 'once',
  approval: true,
  execute: () => 'paid',
})
const clerk = defineAgent({ name: 'clerk', model: 'm', instructions: ORDERS, tools: [pay] })

beforeAll(async () => {
  const models = scriptedModel(({ items }) =>
    items.length > 1
      ? { text: ORDERS, calls: [{ name: 'pay', arguments: { to: `${ORDERS}${LONG}end` } }] }
      : { text: ORDERS, calls: [{ name: `pay${ORDERS}`, arguments: { to: ORDERS } }] },
  )
  await using runtime = createRuntime({ store: sqlite(store), models, definitions: [clerk] })
  await (await runtime.start(clerk, ORDERS, { id, tags: [ORDERS] })).outcome()
})

describe('words of others', () => {
  it.each([
    ['runs'],
    ['runs', '--json'],
    ['show', id],
    ['show', id, '--json'],
    ['show', id, '--request', '3'],
    ['show', id, '--entry', '1'],
    ['show', `no${ORDERS}`],
    ['show', id, `--${ORDERS}`],
    ['verify'],
    ['cancel', `no${ORDERS}`],
  ])('order a terminal nothing in what `reprise %s` prints', async (...args) => {
    const { io, ended } = begin([...args, '--store', store], { cwd, env: { TERM: 'xterm-256color' } })
    Object.assign(io.stdout, { isTTY: true })
    const { stdout, stderr } = await ended
    // oxlint-disable-next-line no-control-regex -- they are what is looked for.
    const left = (stdout + stderr).replaceAll(/\u001B\[(?:1|2|22|3[123]|39)m/g, '')
    expect(left.match(/(?![\t\n])\p{Cc}|[\u2028-\u202E\u2066-\u2069]/gu)).toBe(null)
    expect(stdout.includes('\u001B[32mgood')).toBe(false)
    if (!args.includes('--request')) expect(`${stdout}${stderr}`).not.toMatch(/^\s*forged/m)
  })

  it('order a terminal nothing with REPRISE_DEBUG, in a stack', async () => {
    writeFileSync(join(cwd, 'bad.ts'), `throw new Error(${JSON.stringify(ORDERS)})`)
    const { stderr } = await reprise(['runs', '--config', 'bad.ts'], { cwd, env: { REPRISE_DEBUG: '1' } })
    expect(stderr).toContain('title')
    // oxlint-disable-next-line no-control-regex -- it is what is looked for.
    expect(stderr).not.toMatch(/[\u0007\u000D\u001B\u007F\u009B]/)
  })

  it('are the same words for a program that reads JSON', async () => {
    const { stdout } = await reprise(['runs', '--json', '--store', store], { cwd })
    expect(JSON.parse(stdout)).toMatchObject({ runs: [{ id, tags: [ORDERS] }] })
  })

  it('are whole where they are what a call is to run with', async () => {
    const { stdout } = await reprise(['show', id, '--store', store], { cwd })
    expect(stdout.match(/call:0 pay .*aend/)).not.toBe(null)
    expect(stdout.match(/asked .*aend/)).not.toBe(null)
  })
})
