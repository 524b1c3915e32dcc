import { defineWorkflow, type StepContext, type WorkflowContext } from '@reprise/core'
import { z } from 'zod'
import type { Carrier } from './carrier.ts'

const input = z.object({ order: z.string() })

/** How long an order waits between two bookings, in milliseconds. */
const PAUSE_MS = 20

function book(ctx: WorkflowContext, what: string): Promise<string> {
  return ctx.step(what, ({ idempotencyKey, services }: StepContext) =>
    // What a runtime is made with is what its steps are given.
    (services as Carrier).book(idempotencyKey, what),
  )
}

/** As the first release ships an order. Runs that it began go on under it. */
export const shipFirst = defineWorkflow({
  name: 'ship',
  version: 1,
  input,
  async run(ctx) {
    const parcel = await book(ctx, 'pack')
    await ctx.sleep(PAUSE_MS)
    return { parcel, label: await book(ctx, 'label') }
  },
})

/** As the second release does: it insures the parcel as well. */
export const ship = defineWorkflow({
  name: 'ship',
  version: 2,
  input,
  async run(ctx) {
    const parcel = await book(ctx, 'pack')
    const policy = await book(ctx, 'insure')
    await ctx.sleep(PAUSE_MS)
    return { parcel, policy, label: await book(ctx, 'label') }
  },
})
