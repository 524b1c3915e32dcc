import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Entry } from '../../contracts/entry.ts'
import { defineAgent } from '../../define/agent.ts'
import type { AnyAgent } from '../../define/agent.ts'
import { planOf } from '../../define/plan.ts'
import type { AnyTeam } from '../../define/team.ts'
import { desk, find, journal, mail, other, refund, refunded } from '../desk.fixture.ts'
import { call, Journal, say } from '../journal.fixture.ts'
import { type Walk, walk } from './walk.ts'

function walked(entries: readonly Entry[], definition: AnyAgent | AnyTeam): Walk {
  return walk(entries, planOf(definition))
}

describe('a text that reads otherwise today is a difference and no other path', () => {
  const difference = { seq: 0, agent: 'front' }

  test('instructions and settings of the agent', () => {
    const today = desk({ front: { instructions: 'Be kind.', model: 'n', version: 2, settings: { temperature: 0 } } })
    expect(walked(refunded(), today)).toMatchObject({ divergence: null })
    expect(walked(refunded(), today).differences).toEqual([
      { ...difference, field: 'instructions', recorded: 'You are front.', today: 'Be kind.' },
      { ...difference, field: 'version', recorded: '1', today: '2' },
      { ...difference, field: 'model', recorded: '"m"', today: '"n"' },
      { ...difference, field: 'settings', recorded: '{}', today: '{"temperature":0}' },
    ])
  })

  test('tools and output, as JSON', () => {
    const described = { ...other, card: { ...other.card, description: 'Anything else.' } }
    const today = desk({ tools: [find, refund, mail, described] })
    const { divergence, differences } = walked(refunded(), today)
    expect(divergence).toBeNull()
    expect(differences).toEqual([
      {
        ...difference,
        field: 'tools',
        recorded: expect.stringContaining('"name":"other","description":""') as unknown,
        today: expect.stringContaining('"name":"other","description":"Anything else."') as unknown,
      },
    ])
  })

  test('but how the framework words a handoff is no difference', () => {
    const [first, ...others] = refunded()
    if (first?.kind !== 'run.started' || !('card' in first.body)) expect.fail()
    const { card } = first.body
    const tools = card.tools.map((tool) =>
      tool.name === 'transfer_to_back' ? { ...tool, description: 'Transfers.' } : tool,
    )
    expect(tools).not.toEqual(card.tools)
    const reworded = { ...first, body: { ...first.body, card: { ...card, tools } } }
    expect(walked([reworded, ...others], desk()).differences).toEqual([])
  })

  test('each holder, where it took over', () => {
    const run = journal().replies(call('a', 'transfer_to_back')).settle().replies(say('{"ok":true}')).settle()
    const today = desk({ backSays: 'Be brief.' })
    expect(walked(run.entries, today).differences).toEqual([
      { seq: 2, agent: 'back', field: 'instructions', recorded: 'You are back.', today: 'Be brief.' },
    ])
  })

  test('instructions are rendered with the context that was recorded', () => {
    const agent = (greeting: string) =>
      defineAgent({
        name: 'agent',
        model: 'm',
        context: z.object({ name: z.string() }),
        instructions: ({ context }) => `${greeting} ${context.name}.`,
      })
    const { entries } = new Journal(agent('Greet'), 'Hello', { name: 'Ada' })
    expect(walked(entries, agent('Greet')).differences).toEqual([])
    expect(walked(entries, agent('Help')).differences).toMatchObject([{ recorded: 'Greet Ada.', today: 'Help Ada.' }])
  })

  test('a text that was adopted is what is asked with from then on', () => {
    const run = journal()
      .replies(call('a', 'find', { id: '1' }))
      .returns(0, 'x')
    const { card } = run.state.holder ?? expect.fail()
    run.add({ kind: 'definition.changed', key: 'run', attempt: 1, body: { card, instructions: 'Be kind.' } })
    const { entries } = run.replies(say('{"ok":true}')).settle()
    const { divergence, differences } = walked(entries, desk({ front: { instructions: 'Be kind.' } }))
    expect(divergence).toBeNull()
    expect(differences).toEqual([
      { ...difference, field: 'instructions', recorded: 'You are front.', today: 'Be kind.' },
    ])
  })
})
