import { createRuntime } from '@reprise/core'
import { openai } from '@reprise/openai'
import { sqlite } from '@reprise/store'
import { support } from './src/support.ts'

/** What this program and the command line `reprise` work with. */
export const runtime = createRuntime({
  store: sqlite(process.env['REPRISE_STORE'] ?? `${import.meta.dirname}/runs.db`),
  models: openai(),
  definitions: [support],
})
