import { existsSync } from 'node:fs'
import { createRuntime, type Model, type RunHandle, type Runtime } from '@reprise/core'
import { openai } from '@reprise/openai'
import { sqlite } from '@reprise/store'
import { defineExtraction, type Extraction, ExtractionInput } from './extraction/workflow.ts'
import { Complaint } from './complaint.ts'
import { makePlace, type Place } from './place.ts'

/** The one run of the workflow in a place. */
export const RUN_ID = 'extraction'

/** An extraction that is open. */
export interface Open {
  readonly runtime: Runtime<readonly [Extraction['extraction'], Extraction['extractor']]>
  /** Begins the run, or goes on with it. */
  start(input: ExtractionInput): Promise<RunHandle<unknown>>
  /** Finishes what is under way and closes the journal. */
  close(): Promise<void>
}

/** Opens the journal of a place with the definitions of a folder. */
export function open(folder: string, place: Place, models: Model): Open {
  makePlace(place)
  const { extraction, extractor } = defineExtraction(folder, place)
  const runtime = createRuntime({
    store: sqlite(place.journal),
    models,
    definitions: [extraction, extractor],
    checkDeterminism: true,
  })
  return {
    runtime,
    start: (input) => runtime.start(extraction, input, { id: RUN_ID }),
    close: () => runtime.close(),
  }
}

/**
 * Reads what the extraction of a place was begun with, before there is anything to open it with; undefined where none
 * was begun.
 *
 * @throws StoreError when the journal is none.
 */
export async function readBeginning({ journal }: Place): Promise<ExtractionInput | undefined> {
  if (!existsSync(journal)) return undefined
  // It is never asked: looking is offline.
  const runtime = createRuntime({ store: sqlite(journal), models: openai(), definitions: [] })
  try {
    if ((await runtime.runs.list({ limit: 1 })).length === 0) return undefined
    const [started] = await runtime.runs.entries(RUN_ID)
    return started?.kind === 'run.started' ? ExtractionInput.parse(started.body.input) : undefined
  } finally {
    await runtime.close()
  }
}

/**
 * Opens an extraction that was begun before, to look at it or to decide: no model is needed for that.
 *
 * @throws Complaint when there is none.
 */
export async function openBegun(place: Place): Promise<Open> {
  const beginning = await readBeginning(place)
  if (beginning) return open(beginning.folder, place, openai())
  throw new Complaint(`Nothing was read into ${place.path} yet. Read statements first: npm run demo:extract`)
}
