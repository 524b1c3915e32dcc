import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineAgent } from '@reprise/core'
import { listFiles, readCsv, readFiles } from '@reprise/tools'
import { z } from 'zod'
import { Reading } from './statement.ts'

/** The model that reads statements. */
export const MODEL = process.env['REPRISE_MODEL'] || 'gpt-4.1-mini'

/** Defines the agent that reads one statement from a folder, which it cannot leave. */
export function defineExtractor(folder: string) {
  return defineAgent({
    name: 'extractor',
    model: MODEL,
    maxOutputTokens: 16_384,
    // The model is told the file by its task; here it stands for whoever looks at the run.
    context: z.object({ file: z.string() }),
    instructions: readFileSync(join(import.meta.dirname, 'instructions.md'), 'utf8'),
    tools: [listFiles({ root: folder }), readFiles({ root: folder }), readCsv({ root: folder })],
    output: Reading,
    budget: { turns: 24 },
  })
}
