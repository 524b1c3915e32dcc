import { join } from 'node:path'
import { ModelError, requestAt } from '@reprise/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { call, deskRuntime, desk, recordWaiting, reply, say } from '../desk.fixture.ts'
import { printed, tempFolder } from '../reprise.fixture.ts'

const cwd = tempFolder()
const store = join(cwd, 'runs.db')
const show = (...args: readonly string[]): Promise<string> => printed(['show', '--store', store, ...args], { cwd })

const answers = [
  reply([call('c0', 'pay', 'a'), call('c1', 'search', 'a')], 5_000),
  reply([say('Let me\nlook.\u001B[2J'), call('c2', 'look', 'a'), call('c3', 'pay', 'a')], 5_000),
  new ModelError({ code: 'overloaded', message: 'Too busy.', retryable: true }),
  reply([{ kind: 'reasoning', text: 'Not for me.' }, call('c4', 'transfer_to_writer', '')], 5_000),
  reply([call('c5', 'mail', 'a')]),
  reply([say('All done.')], 5_000),
  reply([say('{"total":12}')], 5_000),
]

beforeAll(async () => {
  const team = deskRuntime(store, answers)
  await (await team.start(desk, 'Order 4711 arrived broken', { id: 'team', tags: ['web', 'night'] })).outcome()
  await team.close()
  await recordWaiting(store, 'night#shift')
})

describe('reprise show', () => {
  it('tells what happened in a run: turns, calls, verdicts, retries, handoffs, tokens and cost', async () => {
    expect(await show('team')).toBe(
      `team  team desk, version 1
  status   completed
  started  2026-11-22 11:14:03Z
  ended    2026-11-22 11:14:11Z, after 8.4 s
  tags     web, night
  used     6 turns, 3 calls and 1 refused by rules, 7,404 tokens in (83 % cached), 336 out, $0.000025 and 1 turn of unknown price

    0         +0 ms  team desk starts with "Order 4711 arrived broken"
    1        +1.2 s  clerk replies  gpt-4.1-mini-2025-04-14, 1,234 tokens in (83 % cached), 56 out, $0.000005
                       call:0 pay {"id":"a"}
                       call:1 search {"id":"a"}
    2        +1.2 s  call:0 pay is refused: Not executed: pay may be called only after look has succeeded in this conversation. Call look first.
    3        +1.2 s  call:1 search failed (unknown_tool), and the model is told: Not executed: there is no tool "search". You can call: look, pay, transfer_to_writer.
    4        +2.4 s  clerk replies  gpt-4.1-mini-2025-04-14, 1,234 tokens in (83 % cached), 56 out, $0.000005
                       says: Let me look.\uFFFD[2J
                       call:0 look {"id":"a"}
                       call:1 pay {"id":"a"}
    5        +2.4 s  call:0 look returns {"id":"a","price":12}
    6        +2.4 s  call:1 pay is allowed
    7        +2.4 s  call:1 pay returns "paid a"
    8        +3.6 s  clerk: the model failed (overloaded), again after 0 ms: Too busy.
    9        +4.8 s  clerk replies  gpt-4.1-mini-2025-04-14, 1,234 tokens in (83 % cached), 56 out, $0.000005 (attempt 2)
                       thinks: Not for me.
                       call:0 transfer_to_writer {"id":""}
   10        +4.8 s  writer takes over
   11        +6.0 s  writer replies  gpt-4.1-mini-2025-04-14, 1,234 tokens in (83 % cached), 56 out, price unknown
                       call:0 mail {"id":"a"}
   12        +6.0 s  call:0 mail is about to happen
   13        +6.0 s  call:0 mail returns "sent a"
   14        +7.2 s  writer replies  gpt-4.1-mini-2025-04-14, 1,234 tokens in (83 % cached), 56 out, $0.000005
                       says: All done.
   15        +7.2 s  writer is sent its answer back: Your answer does not fit what was asked for. It is not JSON: Unexpected token 'A', "All done." is not valid JSON Answer again, whole, with this mended.
   16        +8.4 s  writer replies  gpt-4.1-mini-2025-04-14, 1,234 tokens in (83 % cached), 56 out, $0.000005
                       says: {"total":12}
   17        +8.4 s  the run is completed: {"total":12}
`,
    )
  })

  it('tells what a workflow did, what it waits for, and what somebody can type', async () => {
    expect(await show('night#shift')).toBe(
      `night#shift  workflow nightly, version 1
  status   waiting for the signal review
  go on    reprise send 'night#shift' review PAYLOAD
  started  2026-11-22 11:14:03Z
  used     3 turns, 3 calls, 3,702 tokens in (83 % cached), 168 out, $0.000246 and 1 turn of unknown price

    0         +0 ms  workflow nightly starts with {"ticket":"Order a"}
    1         +0 ms  agent:clerk starts the run night#shift/agent:clerk
    2        +3.6 s  agent:clerk has completed the run night#shift/agent:clerk: {"total":12}
                       3 turns, 2 calls, 3,702 tokens in (83 % cached), 168 out, $0.000246 and 1 turn of unknown price
    3        +3.6 s  step:note returns "noted"
    4        +3.6 s  the run waits for the signal review
`,
    )
  })

  it('tells of a child whose it is', async () => {
    const [, , , , parent] = (await show('night#shift/agent:clerk')).split('\n')
    expect(parent).toBe('  parent   night#shift, at agent:clerk')
  })

  it('prints an entry whole', async () => {
    const entry = JSON.parse(await show('team', '--entry', '3')) as unknown
    expect(entry).toEqual((await recorded())[3])
  })

  it('rebuilds what the model was sent for a reply', async () => {
    expect(await show('team', '--request', '4')).toBe(
      `asked  clerk, version 1: gpt-4.1-mini, {"maxOutputTokens":4096}, on 2026-11-22
instructions
  Serve the customer.
  Be brief.
items  5
  user
    Order 4711 arrived broken
  call c0
    pay {"id":"a"}
  call c1
    search {"id":"a"}
  result c0
    Not executed: pay may be called only after look has succeeded in this conversation. Call look first.
  result c1
    Not executed: there is no tool "search". You can call: look, pay, transfer_to_writer.
tools  3
  look
    Looks an order up.
    {"type":"object","properties":{"id":{"type":"string"}},"required":["id"],"additionalProperties":false}
  pay
    Pays an order back.

    Rules: Call it only after look has returned.
    {"type":"object","properties":{"id":{"type":"string"}},"required":["id"],"additionalProperties":false}
  transfer_to_writer
    Hands the conversation over to the agent "writer", who answers from then on. Call it alone, after everything else is done.
    {"type":"object","properties":{},"required":[],"additionalProperties":false}
output  desk
  {"type":"object","properties":{"total":{"type":"number"}},"required":["total"],"additionalProperties":false}
`,
    )
    expect(JSON.parse(await show('team', '--request', '4', '--json'))).toEqual(requestAt(await recorded(), 4))
  })

  it('prints the row and all entries as JSON', async () => {
    const { run, entries } = JSON.parse(await show('team', '--json')) as { run: unknown; entries: unknown }
    expect(run).toMatchObject({ id: 'team', status: 'completed', tags: ['web', 'night'] })
    expect(entries).toEqual(await recorded())
  })
})

describe('reprise show --tree', () => {
  it('draws a run and all below it, those that have ended too', async () => {
    const lines = (await show('night#shift', '--tree'))
      .split('\n')
      .map((line) => line.replace(/ {2}(?:[\d.]+ [a-z]+ ?)+$/, ''))
    expect(lines).toEqual([
      '\u25CF night#shift  workflow nightly  waiting for the signal review',
      '  3 turns, 3 calls, 3,702 tokens in (83 % cached), 168 out, $0.000246 and 1 turn of unknown price',
      "  go on: reprise send 'night#shift' review PAYLOAD",
      '  \u2713 night#shift/agent:clerk  agent clerk  completed',
      '    3 turns, 2 calls, 3,702 tokens in (83 % cached), 168 out, $0.000246 and 1 turn of unknown price',
      '    \u2713 turn 0 clerk  1,234 tokens in (83 % cached), 56 out, $0.000123',
      '      \u2713 look {"id":"a"}',
      '    \u2713 turn 1 clerk  1,234 tokens in (83 % cached), 56 out, $0.000123',
      '      \u2713 pay {"id":"a"}',
      '    \u2713 turn 2 clerk  1,234 tokens in (83 % cached), 56 out, price unknown',
      '  \u2713 step:note',
      '',
    ])
  })

  it('gives the rows of the tree as JSON', async () => {
    expect(JSON.parse(await show('night#shift', '--tree', '--json'))).toMatchObject({
      run: { id: 'night#shift' },
      children: { 'agent:clerk': { run: { id: 'night#shift/agent:clerk', status: 'completed' }, children: {} } },
    })
  })
})

async function recorded() {
  const runtime = deskRuntime(store)
  const entries = await runtime.runs.entries('team')
  await runtime.close()
  return entries
}
