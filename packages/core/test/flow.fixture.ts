// Workflows of tests, and runtimes that run them.
import { manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { z } from 'zod'
import {
  type AnyDefinition,
  createRuntime,
  defineAgent,
  defineWorkflow,
  type RuntimeOptions,
  type Store,
  type WorkflowContext,
} from '../src/index.ts'

/** Hears nothing. */
export const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** An agent that says what it is told, loudly. */
export const echo = defineAgent({ name: 'echo', model: 'm', instructions: 'Echo.' })

const echoing = scriptedModel(({ items: [first] }) => ({
  text: first?.kind === 'user' ? first.text.toUpperCase() : '',
}))

/** A workflow with this code. */
export function workflow<T>(run: (ctx: WorkflowContext, input: string) => Promise<T>, name = 'flow') {
  return defineWorkflow({ name, input: z.string(), run })
}

/** A runtime for these definitions and the echo, on a clock that stands. */
export function runtimeOf(
  definitions: readonly AnyDefinition[],
  store: Store = memoryStore(),
  clock = manualClock({ now: 1_000 }),
  more: Partial<
    Pick<
      RuntimeOptions<readonly AnyDefinition[]>,
      'log' | 'random' | 'checkDeterminism' | 'closeGraceMs' | 'retention' | 'owners'
    >
  > = {},
) {
  const all = definitions.some(({ name }) => name === 'echo') ? definitions : [...definitions, echo]
  return createRuntime({ store, models: echoing, definitions: all, clock, log: quiet, random: () => 0, ...more })
}
