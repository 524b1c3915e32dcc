import { defineAgent, defineWorkflow, type Runtime } from '@reprise/core'
import { z } from 'zod'
import { defineEval, type Eval } from '../define/define-eval.ts'
import type { Score } from '../define/scorer.ts'
import { outputOf } from '../score/output.ts'
import { callsOf } from '../seen/calls.ts'
import { canonical } from '../seen/canonical.ts'
import { deedsIn, deskOf } from './desk.ts'
import { afterAll, type Deed } from './shop.ts'
import { type RetailTask, SHOP, TASKS } from './world.ts'

/** How the retail desk is evaluated. */
export interface RetailOptions {
  /** The model at the desk. */
  readonly model: string
  /** The model that plays the customers. @default the same */
  readonly user?: string
  /** How often each task is tried, from 1 to 100: pass^k is told up to it. @default 4 */
  readonly repeat?: number
  /** The least pass^1 that is let pass, from 0 to 1. @default no gate */
  readonly min?: number
}

/** The most messages of a customer: who is not served by then goes away. */
const MOST_TURNS = 12

/** What the customer writes when there is nothing left to say. */
const END = 'END'

const CUSTOMER = `You play a customer who writes with the desk of a shop, and never leave that part.
- Write one short message at a time, as people write, and only what this message needs: do not tell all at once.
- Want what you are told to want, and nothing else. Make nothing up: what you are not told, you do not know.
- Answer what the desk asks, and confirm what it is about to do where that is what you want.
- When you have what you want, or it was refused for good, write ${END} and nothing else.

What you want:
`

interface Served {
  readonly deeds: readonly Deed[]
  /** What the desk wrote. */
  readonly said: readonly string[]
  /** Whether the customer left by themselves. */
  readonly ended: boolean
}

/**
 * Defines the evaluation of a desk that serves simulated customers of a small shop, over turns: right is what leaves the shop as
 * it should be, and tells the customer what they must be told. Told by pass^1 to pass^k. What it costs is the desk and the
 * customers together.
 *
 * @see Shunyu Yao et al., "tau-bench: A Benchmark for Tool-Agent-User Interaction in Real-World Domains" (2024),
 * arXiv:2406.12045, whose way of scoring this is; shop, policy and tasks are this package's own, so figures are not comparable
 * @example
 * ```ts
 * import { createRuntime } from '@reprise/core'
 * import { openai } from '@reprise/openai'
 * import { retail } from '@reprise/evals'
 * import { sqlite } from '@reprise/store'
 *
 * export const desk = retail({ model: 'gpt-4.1-mini', user: 'gpt-4.1' })
 * export const runtime = createRuntime({ store: sqlite('evals.db'), models: openai(), definitions: desk.definitions })
 * ```
 */
export function retail({ model, user = model, repeat = 4, min }: RetailOptions): Eval {
  // Tools and steps run only while the evaluation does.
  const runtime = (): Runtime => evaluation.trials.runtime as Runtime
  const desk = deskOf(model, runtime)
  const customer = defineAgent({
    name: 'retail-customer',
    model: user,
    context: z.object({ instruction: z.string() }),
    instructions: ({ context }) => CUSTOMER + context.instruction,
  })
  const conversation = defineWorkflow({
    name: 'retail-conversation',
    input: z.object({ instruction: z.string() }),
    async run(ctx, { instruction }): Promise<Served> {
      const seen: string[] = []
      const remembered: string[] = []
      const said: string[] = []
      let deeds: readonly Deed[] = []
      for (let turn = 0; turn < MOST_TURNS; turn++) {
        const heard = seen.length === 0 ? 'Write your first message.' : seen.join('\n')
        const message = await ctx.agent(customer, heard, { context: { instruction } })
        if (message.trim() === END) return { deeds, said, ended: true }
        seen.push(`You: ${message}`)
        remembered.push(`Customer: ${message}`)
        const answer = await ctx.agent(desk, remembered.join('\n'), {
          context: { done: deeds.map((deed) => ({ ...deed })) },
        })
        const { did, calls } = await ctx.step('look', () => lookAt(runtime(), ctx.runId))
        deeds = [...deeds, ...did]
        said.push(answer)
        seen.push(`Desk: ${answer}`)
        remembered.push(...calls, `You: ${answer}`)
      }
      return { deeds, said, ended: false }
    },
  })
  const evaluation = defineEval({
    name: 'retail',
    data: TASKS.map(({ id, instruction, ...expected }) => ({ id, input: { instruction }, expected })),
    task: conversation,
    definitions: [desk, customer],
    scorers: { shop, told },
    repeat,
    ...(min !== undefined && { gates: { passHat1: { min } } }),
  })
  return evaluation
}

/** What the desk did in the turn that has just ended, and what it was told, for it to remember. */
async function lookAt(runtime: Runtime, conversation: string) {
  const turns = await runtime.runs.list({ parentId: conversation, name: 'retail-desk', limit: MOST_TURNS })
  const last = turns.at(-1)?.id ?? ''
  const calls = callsOf(last, await runtime.runs.entries(last)).map(
    ({ name, arguments: given, state, result, told }) =>
      `(You called ${name} ${canonical(given)}: ${state === 'returned' ? canonical(result) : told})`,
  )
  return { did: await deedsIn(runtime, last), calls }
}

type Expected = Pick<RetailTask, 'deeds' | 'told'>

/** Whether the shop is as it would be had everything been done rightly, and nothing else. */
const shop: Score<Served, Expected> = ({ row, run }) => {
  const { output, why } = outputOf(run)
  if (why !== undefined) return { score: 0, why }
  const [is, should] = [afterAll(SHOP, output.deeds), afterAll(SHOP, row.expected?.deeds ?? [])]
  if (canonical(is) === canonical(should)) return true
  return { score: 0, why: `done was ${canonical(output.deeds)}, and should be ${canonical(row.expected?.deeds)}` }
}

/** Whether the customer was told what they must be told, somewhere in what the desk wrote. */
const told: Score<Served, Expected> = ({ row, run }) => {
  const { output, why } = outputOf(run)
  if (why !== undefined) return { score: 0, why }
  const all = output.said.join('\n').replaceAll(',', '').toLowerCase()
  const missing = (row.expected?.told ?? []).filter((words) => !all.includes(words.toLowerCase()))
  return missing.length === 0 ? true : { score: 0, why: `the desk never said ${missing.join(', ')}` }
}
