import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRuntime, defineTeam } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { type ScriptedAnswer, scriptedModel } from '@reprise/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { call, cashier, clerk, deskRuntime, recordServed, reply, served, writer } from '../desk.fixture.ts'
import { printed, reprise, tempFolder, writeConfig } from '../reprise.fixture.ts'

const MIGRATE = ['migrate', 'gpt-4.1-mini', '--to', 'gpt-6-luna'] as const

/** A folder in which three runs were served, one waits and one is a fork, with a model that does as the expression says. */
async function recorded(models: string): Promise<string> {
  const cwd = tempFolder()
  const file = join(cwd, 'runs.db')
  writeConfig(cwd, 'desk.definitions', '', models)
  await recordServed(file, 'ticket-1', 'ticket-2', 'ticket-3')
  const runtime = deskRuntime(file, [reply([call('c0', 'refund', 'a')], 1_000), ...served.slice(1)])
  await (await runtime.start(cashier, 'Refund a', { id: 'asks' })).outcome()
  await (await runtime.fork('ticket-1', { at: 3, id: 'fork' })).outcome()
  await runtime.close()
  return cwd
}

describe('reprise migrate', () => {
  let same: string
  let other: string
  beforeAll(async () => {
    same = await recorded('desk.sameModels')
    other = await recorded('desk.models')
  })

  it('asks recorded runs again, says what came of each agent, and writes the page', async () => {
    const { code, stdout, stderr } = await reprise([...MIGRATE, '--html', 'report.html'], { cwd: same })
    expect([code, stderr]).toEqual([1, ''])
    expect(
      stdout
        .replace(/in \d+ days|\d+ days ago|today/, 'some day')
        .replace(/latency .*/, 'latency')
        .replaceAll('\u00A0', ' '),
    ).toBe(`\
From gpt-4.1-mini to gpt-6-luna
gpt-4.1-mini ends: 2027-01-14, some day. 3 runs of 5 asked again.
  1 run: not ended yet
  1 run: forks, which begin with what another run has recorded

clerk  NOT ENOUGH EVIDENCE
  3 of 3 compared runs came out the same: 100 %, and at least 43.9 % at a confidence of 95 %. If it stays so, 35 runs in all are enough for the 90 % that are asked for.
  the same  100 % of runs, 43.9 % to 100 %
  covered   9 of 9 turns
  cost      unknown; a month unknown: 4 runs in the last 30 days; 3 replies have no known price.
  latency

1 open run will still ask for gpt-4.1-mini.
The backtest made 9 asks, for $0.000738 and 3 asks of unknown price.
Written: report.html
`)
    expect(readFileSync(join(same, 'report.html'), 'utf8')).toMatch(/^<!doctype html>[^]*clerk[^]*<\/html>\s*$/)
  })

  it('exits with 0 where each agent may go', async () => {
    expect(await printed([...MIGRATE, '--same-at-least', '0.4'], { cwd: same })).toContain('\nclerk  GO\n')
    const { code } = await reprise([...MIGRATE, '--same-at-least', '0.4', '--confidence', '0.99'], { cwd: same })
    expect(code).toBe(1)
  })

  it('says no where it does otherwise, and shows what, the worst first', async () => {
    const { code, stdout } = await reprise([...MIGRATE, '--json'], { cwd: other })
    const { agents } = JSON.parse(stdout) as { agents: object[] }
    expect(code).toBe(1)
    expect(agents).toMatchObject([
      {
        agent: 'clerk',
        verdict: { kind: 'no-go' },
        runs: { of: 3, same: 0, changed: 3 },
        examples: ['ticket-1', 'ticket-2', 'ticket-3'].toReversed().map((runId) => ({
          runId,
          changes: [
            { what: 'It leaves a call of pay out.', recorded: 'pay {\n  "id": "a"\n}', candidate: null },
            { what: 'It gives another answer.', recorded: 'total: 12', candidate: 'total: 7' },
            { what: 'It leaves a call of look out.' },
          ],
        })),
      },
    ])
  })

  it('takes the newest that fit, and counts the others', async () => {
    const at = async (...args: readonly string[]) => {
      const { stdout } = await reprise([...MIGRATE, '--json', ...args], { cwd: same })
      return (JSON.parse(stdout) as { recordings: object }).recordings
    }
    expect(await at('--limit', '2', '--name', 'clerk')).toMatchObject({
      found: 4,
      tried: 2,
      left: [{ runs: 1 }, { why: 'older than those that --limit leaves', runs: 1 }],
    })
    const since = '2026-11-22T11:14:06Z'
    expect(await at('--since', since)).toMatchObject({ since: Date.parse(since), tried: 2 })
  })

  it('pays for nothing twice where it keeps the results', async () => {
    const asked = async () => {
      const { stdout } = await reprise([...MIGRATE, '--json', '--results', 'answers.jsonl'], { cwd: same })
      return (JSON.parse(stdout) as { asked: object }).asked
    }
    expect(await asked()).toMatchObject({ asks: 9, reused: 0 })
    expect(await asked()).toMatchObject({ asks: 0, reused: 9 })
  })

  it('says what it would take, and asks nobody', async () => {
    expect(await printed([...MIGRATE, '--dry-run'], { cwd: other })).toBe(`\
3 runs, about 9 asks, of unknown price: the model cannot say.
The recordings: 9 turns, 6 calls, 11,106 tokens in (83 % cached), 504 out, $0.000738 and 3 turns of unknown price.
Nothing was asked.
`)
  })

  it('stops at the budget, and counts what is left', async () => {
    const { stdout } = await reprise([...MIGRATE, '--budget-usd', '0.0000001'], { cwd: same })
    expect(stdout).toMatch(/runs?: not begun, for want of budget/)
  })

  it.each([
    [['migrate', 'llama3.2', '--to', 'x'], 1, 'No ended run has an answer of "llama3.2" that could be asked again.'],
    [['migrate', 'gpt-4.1-mini', '--to', 'x', '--name', 'cashier'], 1, '(1 run: not ended yet)'],
    [[...MIGRATE, '--results', 'nowhere/answers.jsonl'], 1, '/nowhere. Make it first.'],
    [[...MIGRATE, '--html', 'nowhere/report.html'], 1, '/nowhere. Make it first.'],
    [[...MIGRATE, '--confidence', '95'], 2, 'It must be a share between 0 and 1, as 0.95.'],
    [[...MIGRATE, '--budget-usd', '0'], 2, 'It must be dollars, above 0: 5 or 0.25.'],
    [['migrate', 'gpt-4.1-mini'], 2, "required option '--to <model>' not specified"],
  ])('%j exits with %i: %s', async (args, code, problem) => {
    const ended = await reprise(args, { cwd: same })
    expect([ended.code, ended.stderr.includes(problem) ? problem : ended.stderr]).toEqual([code, problem])
  })
})

it('leaves runs away in which another model answered too', async () => {
  const cwd = tempFolder()
  writeConfig(cwd, 'desk.definitions', '', 'desk.sameModels')
  const mixed = defineTeam({ name: 'desk', entry: clerk, handoffs: [[clerk, [{ ...writer, model: 'o3' }]]] })
  const answers: readonly ScriptedAnswer[] = [
    { calls: [{ name: 'transfer_to_writer', arguments: {} }] },
    { text: '{"total":1}' },
  ]
  const runtime = createRuntime({
    store: sqlite(join(cwd, 'runs.db')),
    models: scriptedModel(answers),
    definitions: [mixed],
  })
  await (await runtime.start(mixed, 'Write', { id: 'both' })).outcome()
  await runtime.close()
  const { code, stderr } = await reprise(MIGRATE, { cwd })
  expect([code, stderr]).toEqual([1, expect.stringContaining('(1 run: other models answered in them too)')])
})
