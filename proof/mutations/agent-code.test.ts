// Code of agents that has changed since their run was recorded: replay names the first entry that the change touches,
// or shows that no entry is touched.
import { after, atMost, defineTool, type Store } from '@reprise/core'
import { z } from 'zod'
import { beforeAll, expect, test } from 'vitest'
import { type Changes, desk, options, recorded, replayed, rules, tools } from './desk.ts'

let store: Store

beforeAll(async () => {
  store = await recorded()
})

const { find, refund, mail, pack } = options

test('the code that recorded the run matches it, word by word', async () => {
  expect(await replayed(store, desk())).toMatchObject({ status: 'matched', divergence: null, differences: [] })
})

/** The change, and the first entry that it touches: its kind and its key. */
const named: readonly (readonly [string, Changes, string])[] = [
  [
    'a tool is renamed',
    { find: defineTool({ ...find, name: 'search' }), rules: [atMost(tools.refund, 2)] },
    'call.returned agent:0/turn:0/call:0',
  ],
  ['a tool is removed', { tools: [tools.find, tools.refund, tools.spare] }, 'call.intended agent:0/turn:2/call:0'],
  [
    'a tool is there that was not',
    { tools: [tools.find, tools.refund, tools.mail, fly()] },
    'call.failed agent:0/turn:2/call:2',
  ],
  [
    'an effect must not happen twice',
    { pack: defineTool({ ...pack, effect: 'once' }) },
    'call.returned agent:1/turn:0/call:0',
  ],
  [
    'an effect may happen twice',
    { mail: defineTool({ ...mail, effect: 'idempotent' }) },
    'call.intended agent:0/turn:2/call:0',
  ],
  [
    'a schema refuses what was given',
    { find: defineTool({ ...find, input: z.object({ id: z.uuid() }) }) },
    'call.returned agent:0/turn:0/call:0',
  ],
  [
    'a schema makes something else of what was given',
    { find: defineTool({ ...find, input: z.object({ id: z.string(), deep: z.boolean().default(true) }) }) },
    'call.returned agent:0/turn:0/call:0',
  ],
  [
    'a schema transforms what was given',
    { pack: defineTool({ ...pack, input: z.object({ id: z.string().transform((id) => `${id}!`) }) }) },
    'call.judged agent:1/turn:0/call:0',
  ],
  [
    'a new rule refuses what was done',
    { rules: [...rules, after(tools.mail, tools.spare)] },
    'call.intended agent:0/turn:2/call:0',
  ],
  ['a rule that refused is gone', { rules: rules.slice(0, 1) }, 'call.judged agent:0/turn:2/call:1'],
  ['no rule is left', { rules: [] }, 'call.judged agent:0/turn:2/call:1'],
  [
    'a rule allows more',
    { rules: [after(tools.refund, tools.find), atMost(tools.refund, 3)] },
    'call.judged agent:0/turn:2/call:1',
  ],
  [
    'a rule allows less',
    { rules: [after(tools.refund, tools.find), atMost(tools.refund, 1)] },
    'call.judged agent:0/turn:1/call:1',
  ],
  [
    'a rule wants another tool before',
    { rules: [after(tools.refund, tools.spare)] },
    'call.judged agent:0/turn:1/call:0',
  ],
  ['an answer must say more', { output: z.object({ ok: z.boolean(), why: z.string() }) }, 'run.completed run'],
  [
    'an answer may say what was sent back',
    { output: z.object({ ok: z.union([z.boolean(), z.string()]) }) },
    'output.judged agent:0/turn:3',
  ],
  [
    'an answer reads otherwise',
    { output: z.object({ ok: z.boolean(), by: z.string().default('us') }) },
    'run.completed run',
  ],
  ['nobody can be handed over to', { handoffs: 'none' }, 'handoff.made agent:0/turn:4/call:0'],
  ['who was handed over to has other tools', { back: [tools.spare] }, 'call.judged agent:1/turn:0/call:0'],
  ['the budget is less', { budget: { turns: 3 } }, 'model.replied agent:0/turn:3'],
]

function fly() {
  return defineTool({ name: 'fly', description: 'Flies.', input: z.object({}), effect: 'read', execute: () => 'flown' })
}

test.each(named)('%s: the first entry that it touches is named', async (_what, changes, where) => {
  const { status, divergence } = await replayed(store, desk(changes))
  const entry = (await store.entries('r'))[divergence?.seq ?? -1]
  expect(entry ? `${entry.kind} ${entry.key}` : status).toBe(where)
  expect(divergence?.recorded).toContain(where.split(' ')[0])
  expect(divergence?.today).not.toBe(divergence?.recorded)
})

/** The change, and the fields of text that read otherwise: no entry is touched. */
const same: readonly (readonly [string, Changes, readonly string[]])[] = [
  ['instructions', { front: { instructions: 'Be kind.' } }, ['front instructions']],
  ['the model', { front: { model: 'n' } }, ['front model']],
  ['the version', { front: { version: 2 } }, ['front version']],
  ['settings', { front: { settings: { temperature: 0 } } }, ['front settings']],
  ['the most tokens of a reply', { front: { maxOutputTokens: 100 } }, ['front maxOutputTokens']],
  ['how a tool is described', { find: defineTool({ ...find, description: 'Looks.' }) }, ['front tools']],
  [
    'a schema that makes the same of what was given',
    { find: defineTool({ ...find, input: z.object({ id: z.string().min(1) }) }) },
    ['front tools'],
  ],
  ['a tool that nobody asked for', { tools: [tools.find, tools.refund, tools.mail] }, ['front tools']],
  ['a member that nobody handed over to', { handoffs: 'more' }, ['front tools']],
  // Each verdict is recorded: the run goes by it, and replay says that it would be another today.
  [
    'what somebody must allow that nobody had to',
    { find: defineTool({ ...find, approval: true }) },
    ['front approval of find'],
  ],
  [
    'what nobody must allow that somebody had to',
    { refund: defineTool({ ...refund, approval: false }) },
    ['front approval of refund'],
  ],
  [
    'more that somebody must allow',
    { refund: defineTool({ ...refund, approval: ({ usd }) => usd > 1 }) },
    ['front approval of refund'],
  ],
  [
    'less that somebody must allow',
    { refund: defineTool({ ...refund, approval: ({ usd }) => usd > 1_000 }) },
    ['front approval of refund'],
  ],
  ['a new rule that allows what was done', { rules: [...rules, atMost(tools.mail, 1)] }, []],
  // The run goes on with whom it has begun with.
  ['who begins', { handoffs: 'back first' }, ['front entry', 'back tools']],
  // Both leave the same entries: a read begins before what led to it is committed, and is begun again after a crash, too.
  ['an effect that leaves the same entries', { find: defineTool({ ...find, effect: 'idempotent' }) }, []],
  ['what a tool does', { find: defineTool({ ...find, execute: () => 'something else' }) }, []],
  ['the time that a tool has', { find: defineTool({ ...find, timeoutMs: 5 }) }, []],
  ['the time that somebody has', { refund: defineTool({ ...refund, approvalTimeoutMs: 1_000 }) }, []],
  // When to ask again is recorded.
  ['how often the model is asked', { front: { retry: { attempts: 1 } } }, []],
  ['what a resumed run does with new text', { front: { onChange: 'adopt' } }, []],
  ['a budget that was not used up', { budget: { turns: 8 } }, []],
  ['the order of rules', { rules: rules.toReversed() }, []],
]

test.each(same)('%s: the same, and what reads otherwise is told', async (_what, changes, fields) => {
  const { divergence, differences } = await replayed(store, desk(changes))
  expect(divergence).toBeNull()
  expect(differences.map(({ agent, field }) => `${agent} ${field}`)).toEqual(fields)
})
