import { z } from 'zod'
import { defineAgent, defineWorkflow, type Runtime } from '../../index.ts'

const poet = defineAgent({ name: 'poet', model: 'm', instructions: 'Write.' })
const known = defineAgent({ name: 'known', model: 'm', instructions: 'Write.', context: z.object({ id: z.string() }) })
const other = defineAgent({ name: 'other', model: 'm', instructions: 'Write.' })
const report = defineWorkflow({
  name: 'report',
  input: z.object({ shop: z.string(), at: z.string() }),
  run: async () => 0,
})
declare const runtime: Runtime<readonly [typeof poet, typeof known, typeof report]>
const cron = '@daily'

// A schedule takes what a run of its definition is started with.
void runtime.schedule('s', { cron, definition: poet, input: 'Go' })
void runtime.schedule('s', { cron, definition: known, input: 'Go', context: { id: '1' } })
void runtime.schedule('s', { cron, definition: report, input: { shop: 'Oslo', at: 'noon' } })
// @ts-expect-error its context is missing
void runtime.schedule('s', { cron, definition: known, input: 'Go' })
// @ts-expect-error its input is another
void runtime.schedule('s', { cron, definition: report, input: 'Go' })
// @ts-expect-error a member of its input is missing
void runtime.schedule('s', { cron, definition: report, input: { shop: 'Oslo' } })
// @ts-expect-error there is no such policy
void runtime.schedule('s', { cron, definition: poet, input: 'Go', overlap: 'wait' })

// Or an input without the member that is the moment.
void runtime.schedule('s', { cron, definition: report, input: { shop: 'Oslo' }, momentAs: 'at' })
// @ts-expect-error the input has no such member
void runtime.schedule('s', { cron, definition: report, input: { shop: 'Oslo' }, momentAs: 'then' })
// @ts-expect-error an agent takes text
void runtime.schedule('s', { cron, definition: poet, input: 'Go', momentAs: 'at' })

// @ts-expect-error it is of a definition of the runtime
void runtime.schedule('s', { cron, definition: other, input: 'Go' })
