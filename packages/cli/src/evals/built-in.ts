import { join } from 'node:path'
import { createRuntime, type Runtime } from '@reprise/core'
import type { Eval } from '@reprise/evals'
import { openai } from '@reprise/openai'
import { openNamed } from '../config/named-store.ts'
import type { Io } from '../line/io.ts'
import { quote } from '../show/text.ts'
import type { Place } from './evaluate.ts'

/** What an evaluation that needs no config is told of its model and its store. */
export interface BuiltInOptions {
  readonly model: string
  readonly api: 'responses' | 'chat'
  readonly store?: string
}

/** Lets an evaluation without a config be run, on a store of its own. */
export async function withBuiltIn(
  io: Io,
  evaluation: Eval,
  { api, store = io.env['REPRISE_STORE'] ?? 'evals.db' }: BuiltInOptions,
  work: (runtime: Runtime, place: Place) => Promise<void>,
): Promise<void> {
  const baseURL = io.env['OPENAI_BASE_URL']
  const apiKey = io.env['OPENAI_API_KEY']
  const models = openai({ api, ...(baseURL !== undefined && { baseURL }), ...(apiKey !== undefined && { apiKey }) })
  const { definitions } = evaluation
  await using runtime = createRuntime({
    store: await openNamed(io, store, 'make'),
    models,
    definitions,
  })
  await work(runtime, { config: join(io.cwd(), evaluation.name), found: ` --store ${quote(store)}` })
}
