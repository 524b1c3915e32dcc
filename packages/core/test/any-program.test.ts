// Workflows of any shape: steps that fail or not, side by side and in turn, raced, mapped, caught, waited for, in children.
import { Crash, crashing, manualClock, memoryStore } from '@reprise/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  createRuntime,
  defineWorkflow,
  type Outcome,
  type Store,
  ToolError,
  type WorkflowContext,
} from '../src/index.ts'
import { decodeEntry } from '../src/journal/entry-codec.ts'
import { hanging } from './world.fixture.ts'
import { replayWorkflow } from '../src/workflow/replay-workflow.ts'

type Program =
  | { readonly kind: 'step' | 'failing'; readonly name: string }
  | { readonly kind: 'sleep'; readonly ms: number }
  | { readonly kind: 'numbers' }
  | { readonly kind: 'turns' | 'all' | 'race' | 'map'; readonly parts: readonly Program[] }
  | { readonly kind: 'caught' | 'child'; readonly part: Program }

const { program } = fc.letrec<{ program: Program }>((tie) => {
  const parts = fc.array(tie('program'), { minLength: 1, maxLength: 4 })
  return {
    program: fc.oneof(
      { maxDepth: 4, depthSize: 'medium' },
      fc.record({ kind: fc.constantFrom('step', 'step', 'failing'), name: fc.constantFrom('a', 'b') }),
      fc.record({ kind: fc.constant('sleep'), ms: fc.constantFrom(0, 10, 5_000) }),
      fc.record({ kind: fc.constant('numbers') }),
      fc.record({ kind: fc.constantFrom('turns', 'all', 'race', 'map'), parts }),
      fc.record({ kind: fc.constantFrom('caught', 'child'), part: tie('program') }),
    ) as fc.Arbitrary<Program>,
  }
})

/** What was done outside, by key: once each, whatever happens. */
type Done = Set<string>

function workflowOf(done: Done) {
  const walk = async (ctx: WorkflowContext, part: Program): Promise<unknown> => {
    switch (part.kind) {
      case 'step':
        return ctx.step(part.name, ({ idempotencyKey }) => {
          done.add(idempotencyKey)
          return part.name
        })
      case 'failing':
        return ctx.step(part.name, () => {
          throw new ToolError({ code: 'no', message: `No ${part.name}.` })
        })
      case 'sleep':
        return ctx.sleep(part.ms)
      case 'numbers':
        return [ctx.uuid(), ctx.random(), ctx.now() > 0]
      case 'turns': {
        const values: unknown[] = []
        for (const one of part.parts) values.push(await walk(ctx, one))
        return values
      }
      case 'all':
        return ctx.all(part.parts.map((one) => (branch: WorkflowContext) => walk(branch, one)))
      case 'race':
        return ctx.race(part.parts.map((one) => (branch: WorkflowContext) => walk(branch, one)))
      case 'map':
        return ctx.map(part.parts, (one, branch) => walk(branch, one), { concurrency: 2 })
      case 'caught':
        return walk(ctx, part.part).catch((error: Error) => error.message)
      case 'child':
        return ctx.child(flow, part.part)
      default:
        return part satisfies never
    }
  }
  const flow = defineWorkflow({
    name: 'flow',
    input: z.custom<Program>(),
    run: (ctx, input): Promise<unknown> => walk(ctx, input),
  })
  return flow
}

/** Lives until the run ends; undefined where the process dies before. */
async function live(store: Store, input: Program, done: Done): Promise<Outcome<unknown> | undefined> {
  const flow = workflowOf(done)
  const clock = manualClock({ now: 1_000 })
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const runtime = createRuntime({ store, models: hanging, definitions: [flow], clock, log })
  let settled = false
  const ending = runtime
    .start(flow, input, { id: 'r' })
    .then((run) => run.outcome())
    .catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error
      return undefined
    })
    .finally(() => {
      settled = true
    })
  while (!settled) await clock.advance(Math.max(0, (clock.nextWake ?? 0) - clock.now()))
  const outcome = await ending
  return outcome?.kind === 'waiting' ? undefined : outcome
}

test('any workflow, cut off anywhere in its journal, is run again over it without going another way', async () => {
  await fc.assert(
    fc.asyncProperty(program, async (input) => {
      const store = memoryStore()
      await live(store, input, new Set())
      for (const { id } of await store.runs({})) {
        const entries = (await store.entries(id)).map(decodeEntry)
        for (let length = 1; length <= entries.length; length++) {
          const prefix = entries.slice(0, length)
          expect(await replayWorkflow(id, prefix, workflowOf(new Set())), `${id}, ${length}`).toBeNull()
        }
      }
    }),
    { numRuns: 40 },
  )
})

test('any workflow whose process dies comes to the same end, and does the same once', async () => {
  await fc.assert(
    fc.asyncProperty(program, fc.nat(), fc.constantFrom('before', 'after'), async (input, nth, side) => {
      const whole = new Set<string>()
      const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
      const expected = await live(counted, input, whole)
      const store = memoryStore()
      const done = new Set<string>()
      const died = await live(crashing(store, { at: 1 + (nth % counted.commits), side }), input, done)
      const outcome = died ?? (await live(store, input, done))
      // Who wins a race, and what its losers have done by then, is a matter of time.
      if (JSON.stringify(input).includes('"race"')) expect(['completed', 'failed']).toContain(outcome?.kind)
      else {
        expect(withoutNumbers(outcome)).toEqual(withoutNumbers(expected))
        expect([...done].toSorted()).toEqual([...whole].toSorted())
      }
      for (const { id, endedAt } of await store.runs({})) {
        expect(endedAt, id).not.toBeNull()
        expect(
          await replayWorkflow(id, (await store.entries(id)).map(decodeEntry), workflowOf(new Set())),
          id,
        ).toBeNull()
      }
    }),
    { numRuns: 60 },
  )
})

/** Each run has random numbers of its own, which its journal keeps. */
function withoutNumbers(outcome: Outcome<unknown> | undefined): unknown {
  return JSON.parse(JSON.stringify(outcome ?? null).replace(/"[0-9a-f-]{36}",[0-9.e-]+/g, '"numbers"'))
}
