// A desk whose code changes while its runs are under way.
import { z } from 'zod'
import type { Entry } from '../contracts/entry.ts'
import { type AgentOptions, defineAgent } from '../define/agent.ts'
import type { Rule } from '../define/rules.ts'
import { defineTeam } from '../define/team.ts'
import { defineTool, type Effect, type Tool } from '../define/tool.ts'
import { call, Journal, say } from './journal.fixture.ts'

const input = z.object({ id: z.string() })

/** A tool of the desk. */
export function tool(name: string, effect: Effect = 'read', schema: z.ZodType = input): Tool {
  return defineTool<string, z.ZodType, number>({
    name,
    description: '',
    input: schema,
    effect: effect as 'read',
    execute: () => 1,
  })
}

/** The tools of the desk. */
export const [find, refund, mail, other] = [
  tool('find'),
  tool('refund', 'idempotent'),
  tool('mail', 'once'),
  tool('other'),
]

/** What is another thing today. */
interface Changes {
  readonly tools?: readonly Tool[]
  readonly rules?: readonly Rule[]
  readonly output?: z.ZodType
  readonly turns?: number
  readonly backSays?: string
  readonly front?: Partial<
    Pick<AgentOptions<'front', undefined, undefined, []>, 'version' | 'model' | 'instructions' | 'settings'>
  >
}

/** The desk as it was when the journals were written, but for the changes. */
export function desk(changes: Changes = {}) {
  const { tools = [find, refund, mail, other], rules = [], output = z.object({ ok: z.boolean() }), turns = 6 } = changes
  const front = defineAgent({
    name: 'front',
    model: 'm',
    instructions: 'You are front.',
    tools,
    rules,
    output,
    ...changes.front,
  })
  const back = defineAgent({
    name: 'back',
    model: 'm',
    instructions: changes.backSays ?? 'You are back.',
    tools: [mail],
  })
  return defineTeam({ name: 'desk', entry: front, handoffs: [[front, [back]]], budget: { turns } })
}

/** A run of the desk as it was. */
export function journal(rules: readonly Rule[] = []): Journal {
  return new Journal(desk({ rules }))
}

/** A run that looked up, refunded, and answered. */
export function refunded(): readonly Entry[] {
  const run = journal()
    .replies(call('a', 'find', { id: '1' }))
    .returns(0, 'found')
  return run
    .replies(call('b', 'refund', { id: '1' }))
    .returns(0, 'done')
    .replies(say('{"ok":true}'))
    .settle().entries
}
