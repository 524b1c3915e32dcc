// One worker process of a test of schedules: fires and works what is due in a store until it is told to stop, or killed.
import { createRuntime, defineWorkflow } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import { z } from 'zod'
import { sqlite } from '../index.ts'

/** Does nothing but end. */
export const tick = defineWorkflow({
  name: 'tick',
  input: z.object({ at: z.string() }),
  run: async (_ctx, { at }) => at,
})

if (import.meta.main) {
  const [path = ''] = process.argv.slice(2)
  const runtime = createRuntime({ store: sqlite(path), models: scriptedModel([]), definitions: [tick] })
  await runtime.schedule('each-second', {
    cron: '* * * * * *',
    definition: tick,
    input: {},
    momentAs: 'at',
    catchUp: 'all',
    overlap: 'queue',
  })
  runtime.work()
  console.log('ready')
  process.once('SIGTERM', () => void runtime.close().then(() => process.exit(0)))
}
