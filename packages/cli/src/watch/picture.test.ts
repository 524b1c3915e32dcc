import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { agentTool, createRuntime, defineAgent, defineTool, ModelError, type Runtime, type Store } from '@reprise/core'
import { changedStore, type ManualClock, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { call, clerk, deskRuntime, nightly, reply, review, say } from '../desk.fixture.ts'
import { tempFolder } from '../reprise.fixture.ts'
import { picture } from './picture.ts'
import { RunTree } from './run-tree.ts'

const START = Date.UTC(2026, 10, 22, 11, 14, 3)
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** What is drawn of a run, without its styles. */
async function drawn(runtime: Runtime, id: string, now: number, height = 40): Promise<string[]> {
  const tree = new RunTree(runtime.runs, id)
  return picture(await tree.look(), now, height).map(stripVTControlCharacters)
}

describe('the picture of a run', () => {
  it('shows its turns and calls, with tokens, cost and time', async () => {
    const clock = manualClock({ now: START })
    const answers = [
      reply([say('Let me look.'), call('c0', 'pay', 'a'), call('c1', 'search', '订单')], 5_000),
      new ModelError({ code: 'overloaded', message: 'Too busy.', retryable: true }),
      reply([say('{"total":12}')], 5_000),
    ]
    const runtime = deskRuntime(join(tempFolder(), 'runs.db'), answers, clock)
    await (await runtime.start(clerk, 'Order a', { id: 'r' })).outcome()
    expect(await drawn(runtime, 'r', clock.now())).toEqual([
      '✓ r  agent clerk  completed  3.6 s',
      '  2 turns, 0 calls and 1 refused by rules, 2,468 tokens in (83 % cached), 112 out, $0.000010',
      '  ✓ turn 0 clerk  1,234 tokens in (83 % cached), 56 out, $0.000005  1.2 s',
      '    ✗ pay {"id":"a"}  refused: Not executed: pay may be called only after look has succeeded in this conversation. Call look first.  0 ms',
      '    ✗ search {"id":"订单"}  unknown_tool  0 ms',
      '  ✓ turn 1 clerk  1,234 tokens in (83 % cached), 56 out, $0.000005, attempt 2  2.4 s',
    ])
    await runtime.close()
  })

  it('tells what is oldest and over by its number where there is no room for it', async () => {
    const clock = manualClock({ now: START })
    const turns = Array.from({ length: 30 }, (_, at) => reply([call(`c${at}`, 'look', `${at}`)], 5_000))
    const runtime = deskRuntime(join(tempFolder(), 'runs.db'), [...turns, reply([say('{"total":1}')], 5_000)], clock)
    await (await runtime.start(clerk, 'Order a', { id: 'r' })).outcome()
    const lines = await drawn(runtime, 'r', clock.now(), 8)
    expect(lines.length).toBeLessThanOrEqual(8)
    expect(lines.map((line) => line.replace(/  1,234.*/, '')).slice(2)).toEqual([
      '  ✓ 27 turns done',
      '  ✓ turn 27 clerk',
      '  ✓ turn 28 clerk',
      '  ✓ turn 29 clerk',
      '  ✓ turn 30 clerk',
    ])
    for (const height of [1, 2, 3, 4, 30, 40]) {
      const all = await drawn(runtime, 'r', clock.now(), height)
      expect(all.length).toBeLessThanOrEqual(height)
    }
    await runtime.close()
  })

  it('shows the runs below a run, and what it waits for', async () => {
    const clock = manualClock({ now: START })
    const runtime = deskRuntime(join(tempFolder(), 'runs.db'), undefined, clock)
    await (await runtime.start(nightly, { ticket: 'Order a' }, { id: 'night' })).outcome()
    expect(await drawn(runtime, 'night', clock.now() + 1_000)).toEqual([
      '● night  workflow nightly  waiting for the signal review  4.6 s',
      '  3 turns, 3 calls, 3,702 tokens in (83 % cached), 168 out, $0.000246 and 1 turn of unknown price',
      '  go on: reprise send night review PAYLOAD',
      '  ✓ night/agent:clerk  agent clerk  completed  3 turns, 2 calls, 3,702 tokens in (83 % cached), 168 out, $0.000246 and 1 turn of unknown price  3.6 s',
      '  ✓ step:note  0 ms',
    ])
    await runtime.send('night', review, { approved: true })
    await runtime.close()
  })

  it('shows a retry with its time, a call that is under way, and the child of an agent', async () => {
    const clock = manualClock({ now: START })
    const { runtime, seen, boss, release } = working(clock)
    const run = await runtime.start(boss, 'go', { id: 'r' })
    const tree = new RunTree(runtime.runs, 'r')
    const lines = async (now: number) =>
      picture(await tree.look(), now, 40).map((line) =>
        stripVTControlCharacters(line).replace(/  \d[\d,]* turns?,.*/, ''),
      )
    while ((await tree.look()).progress?.steps[0]?.standing !== 'again') await setImmediate()
    expect(picture(await tree.look(), START, 40).map(stripVTControlCharacters)).toEqual([
      `${spinner(START)} r  agent boss  running  0 ms`,
      '  0 turns, 0 calls, 0 tokens in, 0 out, $0.000000',
      '  ↻ turn 0 boss  overloaded, again in 500 ms  0 ms',
    ])
    while (!seen.slow) await clock.advance(500)
    const now = clock.now()
    while (!(await lines(now)).join().includes('slow')) await setImmediate()
    const busy = spinner(now)
    expect((await lines(now)).map((line) => line.replace(/  \S+ (?:ms|s)$/, ''))).toEqual([
      `${busy} r  agent boss  running`,
      '',
      '  ✓ turn 0 boss  tokens unknown, price unknown, attempt 2',
      `    ${busy} r/agent:0/turn:0/call:0  agent helper  running`,
      '    ',
      '      ✓ turn 0 helper  tokens unknown, price unknown',
      `        ${busy} slow {}`,
    ])
    release()
    await run.outcome()
    expect((await lines(clock.now())).at(-1)).toMatch(/^ {2}✓ turn 1 boss {2}tokens unknown/)
    await runtime.close()
  })

  it('reads each entry once, however long the run is', async () => {
    const store = memoryStore()
    let read = 0
    const counted = changedStore(store, {
      entries: async (id, from) => {
        const entries = await store.entries(id, from)
        read += entries.length
        return entries
      },
    })
    await using reader = createRuntime({ store: counted, models: scriptedModel([]), definitions: [] })
    const clock = manualClock({ now: START })
    const { runtime, seen, boss, release } = working(clock, store)
    const run = await runtime.start(boss, 'go', { id: 'r' })
    const tree = new RunTree(reader.runs, 'r')
    while (!seen.slow) {
      await clock.advance(500)
      await tree.look()
    }
    release()
    await run.outcome()
    for (let looks = 0; looks < 20; looks++) await tree.look()
    const [own, child] = [await store.entries('r'), await store.entries('r/agent:0/turn:0/call:0')]
    expect([read, tree.root?.ended]).toEqual([own.length + child.length, true])
    await runtime.close()
  })
})

function spinner(now: number): string {
  return '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'[Math.floor(now / 100) % 10] ?? ''
}

/** An agent whose model fails once, and whose helper calls a slow tool. */
function working(clock: ManualClock, store: Store = memoryStore()) {
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  const seen = { slow: false }
  const slow = defineTool({
    name: 'slow',
    description: 'Takes its time.',
    input: z.object({}),
    effect: 'read',
    execute: async () => {
      seen.slow = true
      await released
      return 'done'
    },
  })
  const helper = defineAgent({ name: 'helper', model: 'm', instructions: '', tools: [slow] })
  const boss = defineAgent({
    name: 'boss',
    model: 'm',
    instructions: '',
    tools: [agentTool(helper, { name: 'help', description: 'Helps.' })],
  })
  const models = scriptedModel(({ card, items }, nth) => {
    if (nth === 1) return new ModelError({ code: 'overloaded', message: 'Too busy.', retryable: true })
    if (items.at(-1)?.kind === 'result') return { text: 'ok' }
    return {
      calls: [
        { name: card.agent === 'boss' ? 'help' : 'slow', arguments: card.agent === 'boss' ? { task: 'Help.' } : {} },
      ],
    }
  })
  const runtime = createRuntime({ store, models, definitions: [boss, helper], clock, random: () => 1, log: quiet })
  return { runtime, seen, boss, release: () => release() }
}
