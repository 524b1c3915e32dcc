// What an edit of a fork is held to, and which forks are the same.
import { memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { type Edit, listening, recorded, refusal, runtimeOn } from './fork-edit.fixture.ts'
import { byTurn, call, clerk, newWorld } from './world.fixture.ts'

describe('an edit', () => {
  it('of an entry is of the last that is taken over, and is told at which it can be made', async () => {
    const store = memoryStore()
    await recorded(store)
    const since =
      'takes the place of the last entry that is taken over, since what came after that followed from it, and entry'
    const cases: readonly [number, Edit, string][] = [
      [
        3,
        { kind: 'input', input: 'x' },
        `an edit of the kind "input" ${since} 2 is call.returned. Such an edit can be made at: 1.`,
      ],
      [
        2,
        { kind: 'result', result: 1 },
        `an edit of the kind "result" ${since} 1 is model.replied. Such an edit can be made at: 3, 6.`,
      ],
      [
        1,
        { kind: 'reply', items: [] },
        `an edit of the kind "reply" ${since} 0 is run.started. Such an edit can be made at: 2, 4, 7.`,
      ],
      [
        1,
        { kind: 'message', payload: 1 },
        `an edit of the kind "message" ${since} 0 is run.started. Its journal has none.`,
      ],
    ]
    for (const [at, edit, why] of cases)
      expect(await refusal(store, { at, edit })).toBe(`The run "r" cannot be forked at ${at} as it is edited: ${why}`)
    expect(await store.run('refused')).toBeUndefined()
  })

  it('is held to what it is to be', async () => {
    const store = memoryStore()
    await recorded(store)
    const cases: readonly [number, unknown, string][] = [
      [
        1,
        'x',
        'runtime.fork was given edit: "x". Give it { kind } of one of: input, reply, result, message, instructions, model; or a list of such.',
      ],
      [1, { kind: 'words' }, 'runtime.fork was given edit: an object of the kind "words".'],
      [1, { kind: 'input', input: '' }, 'agent "clerk" was given "", which says nothing.'],
      [1, { kind: 'input', input: 7 }, 'agent "clerk" takes text, and was given a number.'],
      [
        3,
        { kind: 'result', result: { at: 1n } },
        'The result that an entry is edited to cannot be kept in a journal: .at is a bigint',
      ],
      [2, { kind: 'reply', items: [{ kind: 'call', name: 'look' }] }, 'cannot be taken: items[0].callId is nothing.'],
      [3, { kind: 'model', model: '' }, 'runtime.fork was given edit.model: "". Give it a text.'],
      [3, { kind: 'model', model: 'm', agent: 'nobody' }, 'there is no agent "nobody" to edit. It has: clerk.'],
      [
        3,
        [
          { kind: 'model', model: 'm' },
          { kind: 'model', model: 'n', agent: 'clerk' },
        ],
        'its edits name the model of clerk twice.',
      ],
      [
        3,
        [
          { kind: 'result', result: 1 },
          { kind: 'input', input: 'x' },
        ],
        'its edits name the last entry taken over twice.',
      ],
    ]
    for (const [at, edit, message] of cases) expect(await refusal(store, { at, edit: edit as Edit })).toContain(message)
    expect(await store.run('refused')).toBeUndefined()
  })

  it('makes one fork of an id, and another edit under that id is refused', async () => {
    const store = memoryStore()
    await recorded(store)
    await using runtime = runtimeOn(store, listening())
    const fork = async (edit?: Edit) =>
      (await runtime.fork('r', { at: 3, id: 'f', ...(edit !== undefined && { edit }) }))
        .result()
        .then((result) => result)
    const edit = [
      { kind: 'result', result: { price: 1, id: 'a' } },
      { kind: 'instructions', instructions: 'Be short.' },
    ] as const
    expect(await fork(edit)).toBe('heard')
    const { length } = await store.entries('f')
    expect(await fork(edit)).toBe('heard')
    expect((await store.entries('f')).length).toBe(length)
    const others: readonly (Edit | undefined)[] = [
      [{ kind: 'result', result: { price: 2, id: 'a' } }, edit[1]],
      [edit[0], { kind: 'instructions', instructions: 'Be long.' }],
      edit[0],
      undefined,
    ]
    for (const other of others)
      await expect(fork(other)).rejects.toThrow(
        'The run "f" exists, and is the fork of "r" at 3, with another edit (result, instructions of "clerk"). Use another id.',
      )
    await (await runtime.fork('r', { at: 3, id: 'g' })).result()
    await expect(runtime.fork('r', { at: 3, id: 'g', edit })).rejects.toThrow(
      'The run "g" exists, and is the fork of "r" at 3, with nothing edited. Use another id.',
    )
  })

  it('of a result lets a call that failed have returned, and one that never ran is refused', async () => {
    const store = memoryStore()
    const world = newWorld()
    world.failures.set('look', [new Error('down')])
    const model = byTurn([{ calls: [call('look', 'a'), { name: 'fly' }] }, { text: 'done' }])
    await using runtime = runtimeOn(store, model, [clerk], world)
    await (await runtime.start(clerk, 'go', { id: 'r' })).result()
    const entries = await runtime.runs.entries('r')
    const failed = entries.findIndex(({ key, kind }) => kind === 'call.failed' && key.endsWith('call:0'))
    const never = entries.findIndex(({ key, kind }) => kind === 'call.failed' && key.endsWith('call:1'))
    const fork = await runtime.fork('r', { at: failed + 1, id: 'f', edit: { kind: 'result', result: 'up' } })
    expect(await fork.result()).toBe('done')
    expect((await runtime.runs.entries('f'))[failed]).toMatchObject({ kind: 'call.returned', body: { result: 'up' } })
    expect((await runtime.replay('f')).status).toBe('matched')
    await expect(runtime.fork('r', { at: never + 1, edit: { kind: 'result', result: 'up' } })).rejects.toThrow(
      `entry ${never} is call.failed, of a call that never ran. Such an edit can be made at: ${failed + 1}`,
    )
  })
})
