// The workflows of the stories.
import { defineSignal, defineWorkflow, type StepContext, TimedOutError, type WorkflowContext } from '@reprise/core'
import { z } from 'zod'
import { booker, payer } from './agents.ts'
import type { Outside } from './outside.ts'
import { retry } from './tools.ts'

/** What workflows may be sent. */
export const go = defineSignal({ name: 'go', payload: z.null() })

function payStep(ctx: WorkflowContext, what: string): Promise<string> {
  return ctx.step(what, (step: StepContext) => (step.services as Outside).do('pay', step, what), { retry })
}

function workflow(name: string, run: (ctx: WorkflowContext, input: string) => Promise<string>) {
  return defineWorkflow({ name, input: z.string(), run })
}

export const sleeper = workflow('sleeper', async (ctx) => {
  await payStep(ctx, 'a')
  await ctx.sleep(3_000)
  await payStep(ctx, 'b')
  return 'slept'
})
/** Whether the signal comes within a time. */
function hears(ctx: WorkflowContext, timeoutMs: number, key = ''): Promise<boolean> {
  return ctx.receive(go, { timeoutMs, ...(key && { key }) }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof TimedOutError) return false
      throw error
    },
  )
}

export const waiter = workflow('waiter', async (ctx) => {
  const came = (await hears(ctx, 8_000)) ? 'came' : 'late'
  await payStep(ctx, came)
  return came
})
export const reminder = workflow('reminder', async (ctx) => {
  for (const round of ['1', '2', '3']) {
    if (await hears(ctx, 3_000, round)) return `came, ${await payStep(ctx, 'came')}`
    await payStep(ctx, round)
    await ctx.sleep(2_000, { key: round })
  }
  return 'late'
})
export const parent = workflow('parent', async (ctx) => {
  await ctx.child(sleeper, '')
  const [one, two] = await ctx.all([(left) => left.agent(payer, 'go'), (right) => payStep(right, 'c')])
  return `${one}, ${two}`
})
export const batch = workflow('batch', async (ctx) => {
  const items = ['a', 'b', 'c', 'd', 'e']
  const done = await ctx.map(items, (item, ctx) => (item === 'c' ? ctx.agent(booker, item) : payStep(ctx, item)), {
    concurrency: 2,
  })
  return done.join(', ')
})
export const racer = workflow('racer', (ctx) =>
  ctx.race([
    async (branch) => {
      await branch.sleep(2_000)
      await payStep(branch, 'a')
      return 'slow'
    },
    async (branch) => {
      await branch.receive(go)
      return 'came'
    },
    async (branch) => {
      await branch.child(hanger, '')
      return 'never'
    },
  ]),
)
export const hanger = workflow('hanger', async (ctx) => {
  // Longer than the others, and not for ever: it takes one of its worker's places.
  await ctx.sleep(60_000)
  return 'never'
})
export const counter = workflow('counter', async (ctx, input) => {
  await payStep(ctx, 'n')
  return input.endsWith('xxx') ? 'counted' : ctx.continueAs(`${input}x`)
})

/** Works for a while at each moment of a schedule. */
export const shift = defineWorkflow({
  name: 'shift',
  input: z.object({ at: z.string() }),
  async run(ctx, { at }) {
    await ctx.step('begin', () => at)
    await ctx.sleep(500)
    return ctx.step('end', () => at)
  },
})
