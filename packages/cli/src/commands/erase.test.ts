import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRuntime, defineAgent, defineSignal, defineTool, defineWorkflow, type Logger } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { recordServed, recordWaiting } from '../desk.fixture.ts'
import { printed, reprise, tempFolder, writeConfig } from '../reprise.fixture.ts'

const today = (): string => new Date().toISOString().slice(0, 10)

it('reprise erase destroys what a run holds, and every command says so afterwards', async () => {
  const cwd = tempFolder()
  const store = join(cwd, 'runs.db')
  await recordServed(store, 'r1', 'r2')
  const erase = ['erase', 'r1', '--by', 'ana', '--store', store]
  expect(await printed(erase, { cwd })).toBe('r1 is erased: 1 run.\n')
  const erased = `reprise: The run "r1" was erased by ana on ${today()}: what it held cannot be read again.\n`

  for (const [name, ...rest] of [['show'], ['show', '--json'], ['watch']])
    expect(await reprise([`${name}`, 'r1', ...rest, '--store', store], { cwd })).toEqual({
      code: 1,
      stdout: '',
      stderr: erased,
    })
  const [, r1 = '', r2 = ''] = (await printed(['runs', '--store', store], { cwd })).split('\n')
  expect(r1).toMatch(new RegExp(`completed, erased ${today()}.*$`))
  expect(r1).not.toContain('web')
  expect(r2).toMatch(/completed +web$/)
  expect(await printed(['verify', '--store', store], { cwd })).toBe('2 runs (1 erased), 8 entries: every hash holds.\n')
  expect(JSON.parse(await printed([...erase, '--json'], { cwd }))).toEqual({ runId: 'r1', runs: 1 })
  writeConfig(cwd)
  expect(await printed(['replay', '--all'], { cwd })).toContain(
    '1 of 1 run matched: 1 had ended, 0 in flight; 1 erased or deleted left out.',
  )
})

it('reprise erase refuses what is not the first run of its lineage, and one that has not ended, and says what to do', async () => {
  const cwd = tempFolder()
  const store = join(cwd, 'runs.db')
  await recordWaiting(store)
  const erase = (run: string) => reprise(['erase', run, '--by', 'ana', '--store', store], { cwd })

  expect(await erase('night')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'reprise: The run "night" cannot be erased: "night" has not ended. Cancel it first: runtime.cancel(id).\n',
  })
  expect(await erase('night/agent:clerk')).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'reprise: The run "night/agent:clerk" cannot be erased by itself: it came of "night". Erase that, with all that came of it.\n',
  })
  await printed(['cancel', 'night', '--store', store], { cwd })
  expect((await erase('night')).stdout).toBe('night is erased: 2 runs.\n')
})

const CARD = '4111-1111-1111-1111'
const PIN = '0042'
const SSN = 'ssn "078" 05\n1120'

it('of planted secrets nothing stands in the files, in a dump of what is decrypted, in logs, events or what is printed', async () => {
  const cwd = tempFolder()
  const path = join(cwd, 'runs.db')
  const key = Buffer.alloc(32, 'key').toString('base64')
  const lines: unknown[] = []
  const write = (...line: unknown[]): void => void lines.push(line)
  const log: Logger = { info: write, warn: write, error: write }
  const given: unknown[] = []
  const secret = z.string().meta({ secret: true })
  const charge = defineTool({
    name: 'charge',
    description: 'Charges a card.',
    input: z.object({ card: secret, pin: secret.optional() }),
    effect: 'idempotent',
    retry: { attempts: 2, baseMs: 0 },
    execute: ({ card, pin }, ctx) => {
      const { ssn } = ctx.context as { ssn: string }
      given.push({ card, pin, ssn })
      ctx.log.error(`charging ${card}`, { ssn, pin })
      if (given.length === 1) throw new Error(`declined ${card}, ${encodeURIComponent(ssn)}`)
      return { charged: card, of: { [ssn]: [JSON.stringify({ ssn })] }, long: `${ssn} `.repeat(500) }
    },
  })
  const teller = defineAgent({
    name: 'teller',
    model: 'm',
    context: z.object({ ssn: secret }),
    instructions: ({ context }) => `Serve ${context.ssn}.`,
    tools: [charge],
  })
  const paid = defineSignal({ name: 'paid', payload: z.object({ pin: secret }) })
  const flow = defineWorkflow({
    name: 'flow',
    input: z.object({ ssn: secret }),
    async run(ctx, { ssn }) {
      const { pin } = await ctx.receive(paid)
      const noted = await ctx.step('note', ({ reveal, log }) => {
        log.warn(reveal(pin))
        return `noted ${reveal(ssn)}, pin ${reveal(pin)}`
      })
      return [noted, await ctx.agent(teller, `Charge ${ssn}`, { context: { ssn } })]
    },
  })
  const requests: unknown[] = []
  const models = scriptedModel((request) => {
    requests.push(request.items.length > 1 ? request : request.instructions)
    const [token] = request.instructions.match(/secret_[\w-]{22}/) ?? []
    if (request.items.length === 1)
      return { text: `Charging ${CARD}.`, calls: [{ name: 'charge', arguments: { card: CARD, pin: PIN } }] }
    return { text: `Charged ${CARD} of ${token} and ${SSN}, pin ${PIN}.`, deltas: 9 }
  })
  const open = () => sqlite(path, { durability: 'process', encryption: { key } })
  const runtime = createRuntime({ store: open(), models, definitions: [flow, teller], log, random: () => 0 })
  const run = await runtime.start(flow, { ssn: SSN }, { id: 'w', tags: [SSN] })
  const events: unknown[] = []
  await run.outcome()
  await runtime.send('w', paid, { pin: PIN })
  for await (const event of await runtime.resume('w')) events.push(event)
  const outcome = await run.outcome()
  await runtime.close()
  expect(given).toEqual(Array.from({ length: 2 }, () => ({ card: CARD, pin: PIN, ssn: SSN })))

  const files = readdirSync(cwd).filter((name) => name.startsWith('runs.db'))
  const raw = Buffer.concat(files.map((name) => readFileSync(join(cwd, name)))).toString('latin1')
  const store = open()
  const dump = await Promise.all((await store.runs({})).map(async (row) => [row, await store.entries(row.id)]))
  await store.close()
  const env = { REPRISE_STORE: path, REPRISE_KEY: key }
  const print = (args: string[]): Promise<string> => printed(args, { cwd, env })
  const child = 'w/agent:teller'
  const prints = await Promise.all(
    [
      ['runs'],
      ['runs', '--json'],
      ['verify', '--json'],
      ...['w', child].flatMap((id) => [
        ['show', id],
        ['show', id, '--json'],
        ['watch', id, '--json'],
      ]),
      ['show', child, '--entry', '2'],
      ['show', child, '--request', '5'],
    ].map(print),
  )
  const once = JSON.stringify([dump, lines, events, requests, outcome])
  for (const secretText of [CARD, SSN, encodeURIComponent(SSN), JSON.stringify(SSN).slice(1, -1)])
    for (const [where, text] of Object.entries({ raw, once, prints: prints.join('\n') })) {
      expect([where, text.includes(secretText)]).toEqual([where, false])
      expect([where, text.includes(JSON.stringify(secretText).slice(1, -1))]).toEqual([where, false])
    }
  expect([...once.matchAll(/pin 0042|"0042"/g), ...prints.join('').matchAll(/pin 0042|"0042"/g)]).toEqual([])
  expect(once).toMatch(/pin secret_/)
  expect(prints.join('')).toMatch(/Charging secret_/)
})

it('REPRISE_KEY opens an encrypted store, rotates its key, and is told what is wrong with it in one line', async () => {
  const cwd = tempFolder()
  const path = join(cwd, 'runs.db')
  const [key, next] = ['a', 'b'].map((char) => Buffer.alloc(32, char).toString('base64'))
  const store = sqlite(path, { durability: 'process', encryption: { key: key ?? '' } })
  await store.runs({})
  await store.close()
  const verify = (REPRISE_KEY?: string) =>
    reprise(['verify', '--store', path], { cwd, env: { ...(REPRISE_KEY && { REPRISE_KEY }) } })
  const held = { code: 0, stdout: '0 runs, 0 entries: every hash holds.\n', stderr: '' }

  expect(await verify(key)).toEqual(held)
  expect(await verify()).toEqual({
    code: 1,
    stdout: '',
    stderr: `reprise: The store at ${path} is encrypted, and no key was given. Give it: sqlite(path, { encryption: { key } }), or REPRISE_KEY on the command line.\n`,
  })
  expect((await verify(next)).stderr).toMatch(
    /^reprise: .* is encrypted by the key [0-9a-f]{8}, and the key given is [0-9a-f]{8}\..*\n$/,
  )
  expect((await verify('hunter2')).stderr).toBe(
    'reprise: The key of the encryption has 5 bytes. Give 32 bytes, as they are or in base64. A new one: openssl rand -base64 32\n',
  )
  expect(await verify(`${next},${key}`)).toEqual(held)
  expect(await verify(next)).toEqual(held)
  expect((await verify(key)).code).toBe(1)
  copyFileSync(path, join(cwd, 'copy.db'))
  expect(
    (await reprise(['runs', '--store', join(cwd, 'copy.db')], { cwd, env: { REPRISE_KEY: next } })).stderr,
  ).toContain('copy.db.keys is not there. Put the keys file back that belongs to this store')
})
