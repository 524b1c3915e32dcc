// A run of the clerk that the tests of edited forks begin from.
import { manualClock, type ScriptedAnswer, scriptedModel } from '@reprise/testing'
import {
  type AnyDefinition,
  createRuntime,
  type ForkOptions,
  type Model,
  type ModelRequest,
  type Store,
} from '../src/index.ts'
import { byTurn, call, clerk, newWorld } from './world.fixture.ts'

export const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

export function runtimeOn(
  store: Store,
  models: Model,
  definitions: readonly AnyDefinition[] = [clerk],
  services = newWorld(),
) {
  return createRuntime({ store, models, definitions, services, random: () => 0, log: quiet, clock: manualClock() })
}

export const script: readonly ScriptedAnswer[] = [
  { calls: [call('look', 'a')] },
  { calls: [call('pay', 'a')] },
  { text: 'done' },
]

/** A run of the clerk: 0 starts, 1 replies, 2 look, 3 replies, 4 judged, 5 pay, 6 replies, 7 completed. */
export async function recorded(store: Store): Promise<void> {
  const runtime = runtimeOn(store, byTurn(script))
  await (await runtime.start(clerk, 'go', { id: 'r' })).result()
  await runtime.close()
}

/** A model that says what it was sent, and keeps that. */
export function listening(): Model & { readonly heard: ModelRequest[] } {
  const heard: ModelRequest[] = []
  const model = scriptedModel((request) => {
    heard.push({ ...request, items: [...request.items] })
    return { text: 'heard' }
  })
  return Object.assign(model, { heard })
}

export type Edit = NonNullable<ForkOptions['edit']>

/** The texts with which a fork is refused. */
export async function refusal(store: Store, options: ForkOptions, definitions: readonly AnyDefinition[] = [clerk]) {
  await using runtime = runtimeOn(store, byTurn(script), definitions)
  return runtime.fork('r', { id: 'refused', ...options }).then(
    () => 'not refused',
    (error: Error) => error.message,
  )
}
