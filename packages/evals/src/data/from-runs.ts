import { digest, type Entry, type Json, type RunFilter, type Runtime } from '@reprise/core'
import { badRow, type Row } from '../define/row.ts'
import { jsonLines } from './jsonl.ts'
import { allCalls, type Call } from '../seen/calls.ts'
import { runsOf } from '../seen/runs-of.ts'
import { type Correction, correctionsIn } from '../seen/corrections.ts'

/** A run that a row may be drawn from. */
export interface DrawnRun {
  readonly id: string
  readonly input: Json
  readonly context: Json
  /** What it gave; undefined where it did not complete. */
  readonly output: Json | undefined
  readonly entries: readonly Entry[]
  readonly calls: readonly Call[]
  /** What people said in it. */
  readonly corrections: readonly Correction[]
}

/** How `fromRuns` makes rows. */
export interface FromRunsOptions<R> {
  /**
   * Makes the row of a run, or undefined to leave it out. @default its id, input and context, its output as what is expected;
   * runs that did not complete are left out, unless they are corrected
   */
  readonly pick?: (run: DrawnRun) => R | undefined
  /**
   * What should have come of runs, whatever they gave: by their ids, by a function, or in a file of JSON lines, each
   * `{ "run": "ticket-4711", "expected": ... }`.
   */
  readonly corrections?: string | Readonly<Record<string, unknown>> | ((run: DrawnRun) => unknown)
}

/**
 * Draws questions from recorded runs: what they were given, what came of it, and what people said in them. Runs that others
 * started are left out.
 *
 * @param filter which runs: by status, name or tag; `limit` is how many at most. Those of evaluations are left out, unless it
 * names their tag, and so are those that were erased.
 * @throws DefinitionError `bad_row` by the evaluation, at a line of `corrections` that is none.
 * @example
 * ```ts
 * import { createRuntime, defineAgent } from '@reprise/core'
 * import { defineEval, exact, fromRuns } from '@reprise/evals'
 * import { openai } from '@reprise/openai'
 * import { sqlite } from '@reprise/store'
 *
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'Say in one word what is asked for.' })
 * const shop = createRuntime({ store: sqlite('shop.db'), models: openai(), definitions: [desk] })
 * const corrections = { 'ticket-4711': 'exchange' } // It had said "refund".
 * const tickets = defineEval({
 *   name: 'tickets',
 *   data: fromRuns(shop, { name: 'desk', tag: 'web' }, { corrections }),
 *   task: desk,
 *   scorers: { exact: exact() },
 * })
 * ```
 */
export function fromRuns<R extends Row = Row<never, never, never>>(
  runtime: Runtime,
  filter: RunFilter,
  { pick, corrections = {} }: FromRunsOptions<R> = {},
): () => Promise<readonly R[]> {
  return async () => {
    const rows: R[] = []
    const byPeople = typeof corrections === 'string' ? await readCorrections(corrections) : corrections
    for await (const { id } of runsOf(runtime, filter)) {
      const run = await drawn(runtime, id)
      if (!run) continue
      const corrected = typeof byPeople === 'function' ? byPeople(run) : ownOf(byPeople, id)
      // What is in a journal fits the definition that wrote it; a row's own run is begun by what its schema takes.
      const row = pick ? pick(run) : (rowOf(run, corrected) as R | undefined)
      if (!row) continue
      const { corrections: said = run.corrections, recorded = id } = row
      rows.push({ ...row, recorded, corrections: said, ...(corrected !== undefined && { expected: corrected }) })
    }
    return rows
  }
}

function rowOf({ id, input, context, output }: DrawnRun, corrected: unknown): Row | undefined {
  if (output === undefined && corrected === undefined) return undefined
  return { id: rowId(id), input, ...(context !== null && { context }), expected: corrected ?? output }
}

/** An id may be the name of something that all objects have. */
function ownOf(said: Readonly<Record<string, unknown>>, id: string): unknown {
  return Object.hasOwn(said, id) ? said[id] : undefined
}

/** A run's id may be longer than a row's. */
function rowId(id: string): string {
  return id.length <= LONGEST ? id : `${id.slice(0, LONGEST - SHOWN - 1)}~${digest(id).slice(0, SHOWN)}`
}

const LONGEST = 64
const SHOWN = 12

async function readCorrections(path: string): Promise<Readonly<Record<string, unknown>>> {
  const said = (await jsonLines(path)).map(({ where, held }) => {
    if (
      typeof held === 'object' &&
      held !== null &&
      'run' in held &&
      typeof held.run === 'string' &&
      'expected' in held
    )
      return [held.run, held.expected] as const
    throw badRow(`${where} is no correction. Give {"run": "ticket-4711", "expected": ...}.`)
  })
  return Object.fromEntries(said)
}

async function drawn(runtime: Runtime, id: string): Promise<DrawnRun | undefined> {
  const entries = await runtime.runs.entries(id)
  const start = entries.find((entry) => entry.kind === 'run.started')
  if (!start) return undefined
  const end = entries.findLast((entry) => entry.kind === 'run.completed')
  const calls = await allCalls(runtime, id, entries)
  const { input, context } = start.body
  return { id, input, context, output: end?.body.output, entries, calls, corrections: correctionsIn(calls) }
}
