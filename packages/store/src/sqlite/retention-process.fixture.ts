// A worker process of a test whose retention looks at once: it deletes what ended more than a day ago.
import { createRuntime } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import { sqlite } from '../index.ts'

const [path = ''] = process.argv.slice(2)
const runtime = createRuntime({
  store: sqlite(path, { durability: 'process' }),
  models: scriptedModel([]),
  definitions: [],
  random: () => 0,
  retention: { completed: '1d' },
})
runtime.work()
