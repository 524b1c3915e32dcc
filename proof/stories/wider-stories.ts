// Runs that meet what is rare: messages in races, numbers with fractions, approvals that change their mind, schemas that
// give something new each time, results that are no JSON, throws of anything. The simulation plays them beside the others.
import {
  agentTool,
  type AnyDefinition,
  atMost,
  type CallContext,
  defineAgent,
  defineSignal,
  defineTool,
  defineWorkflow,
  type StepContext,
  TimedOutError,
} from '@reprise/core'
import { z } from 'zod'
import type { Deed, Outside } from './outside.ts'
import { callsAt, type Story } from './story.ts'
import { retry } from './tools.ts'

type Ctx = CallContext<unknown, Outside>

/** What code draws that should not: a simulation puts its own dice there. */
export const whim: { next: () => number } = { next: () => 0.5 }

/** How many numbers the collector waits for. */
export const NUMBERS = 3
const ROUNDS = 200

const input = z.object({ id: z.string() })

/** A number that a workflow is sent: 1 to `NUMBERS`, in any order. */
export const number = defineSignal({ name: 'number', payload: z.number() })

const fickle = defineTool({
  name: 'fickle',
  description: 'Pays what somebody must allow, or not.',
  input,
  effect: 'idempotent',
  retry,
  approval: () => whim.next() < 0.5,
  execute: ({ id }, ctx: Ctx) => ctx.services.do('pay', ctx, id),
})
const tag = z.string().default(() => String(whim.next()))
const tagged = defineTool({
  name: 'tagged',
  description: 'Pays, with a tag that is another each time.',
  input: z.object({ id: z.string(), tag }),
  effect: 'idempotent',
  retry,
  execute: ({ id, tag: given }, ctx: Ctx) => ctx.services.do('pay', ctx, id, given),
})
const allowed = defineTool({
  name: 'allowed',
  description: 'Pays what somebody must allow, with a tag that is another each time.',
  input: z.object({ id: z.string(), tag }),
  effect: 'idempotent',
  retry,
  approval: true,
  execute: ({ id, tag: given }, ctx: Ctx) => ctx.services.do('pay', ctx, id, given),
})

/** What JSON cannot say as it is. */
async function odd(deed: Exclude<Deed, 'book'>, id: string, ctx: Ctx): Promise<object> {
  await ctx.services.do(deed, ctx, id)
  return { n: 5n, at: new Date(0), not: undefined, no: Number.NaN, list: [undefined, new Map([['a', 1]])] }
}
const wire = defineTool({
  name: 'wire',
  description: 'Mails, and says so in words that are no JSON.',
  input,
  effect: 'once',
  timeoutMs: 4_000,
  execute: ({ id }, ctx: Ctx) => odd('mail', id, ctx),
})
const cable = defineTool({
  name: 'cable',
  description: 'Posts, and says so in words that are no JSON.',
  input,
  effect: 'once',
  timeoutMs: 4_000,
  execute: ({ id }, ctx: Ctx) => odd('post', id, ctx),
  reconcile: ({ id }, ctx: Ctx) => ctx.services.reconcile<object>(ctx, { sent: id, n: 5n }),
})

/** What each agent calls, as the stories' table says it. */
export const widerParts: Readonly<Record<string, readonly (readonly string[])[]>> = {
  fickle: [['fickle a', 'fickle b'], ['fickle c']],
  tagger: [
    ['tagged a', 'allowed b'],
    ['tagged c', 'allowed d'],
  ],
  wirer: [['wire a', 'wire b'], ['wire c']],
  cabler: [['cable a', 'cable b']],
  employer: [['tell a', 'wire b']],
}

const agentOptions = { model: 'm', retry } as const
const fickleOne = defineAgent({ ...agentOptions, name: 'fickle', instructions: 'You are the fickle.', tools: [fickle] })
const tagger = defineAgent({
  ...agentOptions,
  name: 'tagger',
  instructions: 'You are the tagger.',
  tools: [tagged, allowed],
})
const wirer = defineAgent({
  ...agentOptions,
  name: 'wirer',
  instructions: 'You are the wirer.',
  tools: [wire],
  rules: [atMost(wire, 2)],
})
const cabler = defineAgent({ ...agentOptions, name: 'cabler', instructions: 'You are the cabler.', tools: [cable] })
const employer = defineAgent({
  ...agentOptions,
  name: 'employer',
  instructions: 'You are the employer.',
  tools: [agentTool(tagger, { name: 'tell', description: 'Tells.' }), wire],
})

function pay(ctx: StepContext, what: string): Promise<string> {
  // A runtime of the simulation has these services.
  return (ctx.services as Outside).do('pay', ctx, what)
}

const collector = defineWorkflow({
  name: 'collector',
  input: z.string(),
  async run(ctx) {
    const heard: number[] = []
    for (let round = 0; heard.length < NUMBERS && round < ROUNDS; round++) {
      const came = await ctx.race([
        (branch) => branch.receive(number),
        async (branch) => {
          await branch.sleep(700)
          return 0
        },
      ])
      if (came > 0) heard.push(came)
      else if (heard.length > 0) await ctx.sleep(300)
    }
    await ctx.step('a', (step) => pay(step, 'a'), { retry })
    return heard.toSorted((one, other) => one - other).join(' ')
  },
})
const fractions = defineWorkflow({
  name: 'fractions',
  input: z.number(),
  async run(ctx, third) {
    await ctx.step('a', (step) => pay(step, 'a'), { retry })
    await ctx.sleep(third)
    const late = await ctx.receive(number, { timeoutMs: third / 7 }).then(
      () => 'came',
      (error: unknown) => {
        if (error instanceof TimedOutError) return 'late'
        throw error
      },
    )
    await ctx.step('b', (step) => pay(step, 'b'), { retry })
    return late
  },
})
const thrower = defineWorkflow({
  name: 'thrower',
  input: z.string(),
  async run(ctx) {
    const odds = [Object.create(null) as unknown, undefined, 5n, { message: { deep: true } }]
    for (const thrown of odds)
      await ctx
        .step('odd', () => Promise.reject(thrown as Error), { retry: { attempts: 2, baseMs: 100 } })
        .catch(() => undefined)
    await ctx.step('a', (step) => pay(step, 'a'), { retry })
    const given = await ctx.step('given', () => ({ n: 5n, at: new Date(0), no: Number.NaN }))
    return Object.keys(given).join(' ')
  },
})

const taggerPays = callsAt('0 0 pay a', '0 1 pay b', '1 0 pay c', '1 1 pay d')

/** The stories by name. */
export const widerStories: Readonly<Record<string, Story>> = {
  changesItsMind: {
    definition: fickleOne,
    input: 'go',
    ends: { fickle: { must: callsAt('0 0 pay a', '0 1 pay b', '1 0 pay c') } },
  },
  impureSchema: { definition: tagger, input: 'go', ends: { tagger: { must: taggerPays } } },
  oddResults: {
    definition: wirer,
    input: 'go',
    ends: { 'wirer, refused': { must: callsAt('0 0 mail a', '0 1 mail b') } },
  },
  oddReconciled: {
    definition: cabler,
    input: 'go',
    ends: { cabler: { must: callsAt('0 0 post a', '0 1 post b') } },
  },
  oddChild: {
    definition: employer,
    input: 'go',
    ends: {
      employer: {
        must: [...taggerPays.map((line) => line.replace(' /', ' /agent:0/turn:0/call:0/')), ...callsAt('0 1 mail b')],
      },
    },
  },
  messagesInRaces: {
    definition: collector,
    input: '',
    hears: 'numbers',
    ends: { '1 2 3': { must: ['pay a /step:a'] } },
  },
  fractions: {
    definition: fractions,
    input: 10_000 / 3,
    ends: { late: { must: ['pay a /step:a', 'pay b /step:b'] } },
  },
  throwsAnything: {
    definition: thrower,
    input: '',
    ends: { 'n at no': { must: ['pay a /step:a'] } },
  },
}

/** All definitions of these stories. */
export const widerDefinitions: readonly AnyDefinition[] = [
  fickleOne,
  tagger,
  wirer,
  cabler,
  employer,
  collector,
  fractions,
  thrower,
]
