import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { cashier, deskRuntime, recordServed, recordWaiting, reply, call, clerk } from '../desk.fixture.ts'
import { printed, reprise, tempFolder, writeConfig } from '../reprise.fixture.ts'

const cwd = tempFolder()
const file = join(cwd, 'runs.db')

/** Days until an end are others tomorrow, and so is the width of their column. */
const undated = (output: string) =>
  output.replaceAll(/, (?:in )?[\d,]+ days?(?: ago)?|, today/g, '').replaceAll(/(\S) {2,}/g, '$1  ')

beforeAll(async () => {
  writeConfig(cwd)
  await recordServed(file, 'ticket-1', 'ticket-2')
  await recordWaiting(file)
  const runtime = deskRuntime(file, [reply([call('c0', 'refund', 'a')], 1_000)])
  await (await runtime.start(cashier, 'Refund a', { id: 'asks' })).outcome()
  await runtime.enqueue(clerk, 'Later', { id: 'later' })
  await runtime.close()
})

describe('reprise models', () => {
  it('tells what is known of the models that the definitions name, and who names them', async () => {
    expect(undated(await printed(['models'], { cwd }))).toBe(`\
MODEL  CONTEXT  OUTPUT  IN  CACHED  OUT  ENDS  REPLACEMENT
gpt-4.1-mini  1,047,576  32,768  $0.4  $0.1  $1.6  2027-01-14  gpt-6-luna

gpt-4.1-mini
  definitions  agent clerk 1, agent writer 1, agent cashier 1, team desk 1 (clerk), team desk 1 (writer)
`)
  })

  it('tells which runs would be taken up with a model, and what was used of it lately', async () => {
    const since = ['--since', '2026-11-01']
    expect(undated(await printed(['models', '--in-use', ...since], { cwd }))).toContain(`\
  open runs  1 waiting, 1 queued: asks, later
  lately  4 runs: 10 turns, 12,340 tokens in (83 % cached), 560 out, $0.000739 and 3 turns of unknown price
`)
    const { models } = JSON.parse(await printed(['models', '--in-use', '--json', ...since], { cwd })) as {
      models: unknown
    }
    expect(models).toMatchObject([
      {
        model: 'gpt-4.1-mini',
        retires: '2027-01-14',
        price: { inputUsd: 0.4 },
        open: [
          { id: 'asks', status: 'waiting', agent: 'cashier', onChange: 'pin', definition: { name: 'cashier' } },
          { id: 'later', status: 'queued', agent: 'clerk', onChange: 'pin' },
        ],
        recent: { runs: 4, used: { turns: 10, costNano: 739_000, unpriced: 3 } },
      },
    ])
  })

  it('counts what was used since then alone', async () => {
    const since = ['--since', '2026-11-22T12:00Z']
    expect(await printed(['models', '--in-use', ...since], { cwd })).toContain('lately       not used')
  })

  it('fails where a model ends within so many days that somebody uses', async () => {
    const gate = await reprise(['models', '--retiring-within', '9999d'], { cwd })
    expect(gate).toMatchObject({ code: 1, stderr: '' })
    expect(gate.stdout).toContain('\nEnds within 9999 days: gpt-4.1-mini.\n')
    const bad = await reprise(['models', '--retiring-within', 'soon'], { cwd })
    expect(bad).toMatchObject({ code: 2, stdout: '' })
    expect(bad.stderr).toContain('It must be a whole number of days: 90d.')
  })

  it('says unknown of a model that nobody has listed, and believes the config', async () => {
    const folder = tempFolder()
    const definitions = "[{ ...desk.clerk, model: 'llama3.2' }, { ...desk.writer, model: 'o3' }]"
    const facts =
      "export const modelFacts = { o3: { retires: '2099-01-01', price: { inputUsd: 7, cachedUsd: 1, outputUsd: 9 } } }"
    writeConfig(folder, definitions, facts)
    expect(undated(await printed(['models', '--retiring-within', '90d'], { cwd: folder }))).toBe(`\
MODEL  CONTEXT  OUTPUT  IN  CACHED  OUT  ENDS  REPLACEMENT
llama3.2  unknown  unknown  unknown  unknown  unknown  unknown  unknown
o3  200,000  100,000  $7  $1  $9  2099-01-01  unknown

llama3.2
  definitions  agent clerk 1

o3
  definitions  agent writer 1

None of them is known to end within 90 days.
`)
  })

  it.each([
    ['[]', 'modelFacts is object'],
    ["{ o3: 'soon' }", 'modelFacts["o3"] is string'],
    ["{ o3: { retires: 'soon' } }", 'modelFacts["o3"].retires is "soon". It must be a day, as 2027-04-14.'],
  ])('refuses facts that are %s', async (facts, problem) => {
    const folder = tempFolder()
    writeConfig(folder, 'desk.definitions', `export const modelFacts = ${facts}`)
    const { code, stderr } = await reprise(['models'], { cwd: folder })
    expect([code, stderr.includes(problem) ? problem : stderr]).toEqual([1, problem])
  })
})
