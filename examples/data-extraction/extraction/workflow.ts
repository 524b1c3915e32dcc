import { defineWorkflow, StepError, type WorkflowContext } from '@reprise/core'
import { z } from 'zod'
import type { Place } from '../place.ts'
import { type Extracted, isOpen } from './extracted.ts'
import { defineExtractor } from './extractor.ts'
import { problemsOf } from './problems.ts'
import { writeResults } from './results.ts'
import { review, settle } from './review.ts'

/** How many files are read at a time. */
const CONCURRENCY = 4

/** A full disk is for a person to mend: what was read and paid for is not given up for it. */
const UNTIL_IT_CAN = { attempts: 100_000, baseMs: 200, maxMs: 30_000 }

/** What an extraction is begun with. */
export const ExtractionInput = z.object({
  folder: z.string(),
  /** What is in it, so that other files are another run. */
  files: z.array(z.object({ path: z.string(), digest: z.string() })),
})

/** What an extraction is begun with. */
export type ExtractionInput = z.infer<typeof ExtractionInput>

/** Defines the workflow over a folder, and the agent that it maps over the files. */
export function defineExtraction(folder: string, place: Place) {
  const extractor = defineExtractor(folder)
  const extraction = defineWorkflow({
    name: 'extraction',
    input: ExtractionInput,
    async run(ctx, { files }) {
      const paths = files.map(({ path }) => path)
      let all = await ctx.map(paths, (path, ctx) => read(ctx, path), { concurrency: CONCURRENCY })
      for (;;) {
        const written = await ctx.step('write', () => writeResults(place, all), { retry: UNTIL_IT_CAN })
        if (!all.some(isOpen)) return written
        // Nobody waits here: the run rests, and goes on in whichever process hears of the verdict.
        const verdict = await ctx.receive(review)
        all =
          verdict.kind === 'again'
            ? await ctx.map(all, async (one, ctx) => (one.status === 'failed' ? read(ctx, one.file) : one))
            : all.map((one) => settle(one, verdict))
      }
    },
  })
  return { extraction, extractor }

  /** Reads a file, and once more where something is wrong with it: most of what one reader gets wrong, another sees. */
  async function read(ctx: WorkflowContext, file: string): Promise<Extracted> {
    const task = `Read the statement in the file ${JSON.stringify(file)}.`
    const first = await look(ctx, file, task)
    if (first.status !== 'review') return first
    const doubt = `Another reader was wrong here, or the file is: ${first.problems.join(' ')}`
    return look(ctx, file, `${task}\n\n${doubt} Read it afresh.`)
  }

  async function look(ctx: WorkflowContext, file: string, task: string): Promise<Extracted> {
    try {
      const reading = await ctx.agent(extractor, task, { context: { file } })
      const problems = problemsOf(file, reading)
      return { file, status: problems.length === 0 ? 'right' : 'review', statement: reading.statement, problems }
    } catch (error) {
      if (!(error instanceof StepError)) throw error
      return { file, status: 'failed', statement: null, problems: [error.message] }
    }
  }
}

/** The workflow with its types. */
export type Extraction = ReturnType<typeof defineExtraction>
