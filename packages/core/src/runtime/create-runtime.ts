import type { AnyDefinition } from '../define/plan.ts'
import { assemble } from './assemble.ts'
import { checkRuntimeOptions, type RuntimeOptions } from './options.ts'
import { Runtime } from './runtime.ts'

/**
 * Makes a runtime: it starts runs of its definitions, drives them, and keeps every step in its store.
 * Close it with `await using` or `close()`: what is under way is finished and written, and the runs can be resumed.
 *
 * @throws DefinitionError when two definitions share a name, or a tool asks for what the store does not have.
 * @example
 * ```ts
 * import { createRuntime, defineAgent } from '@reprise/core'
 * import { openai } from '@reprise/openai'
 * import { sqlite } from '@reprise/store'
 *
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'You help the customers of a shop.' })
 * await using runtime = createRuntime({ store: sqlite('desk.db'), models: openai(), definitions: [desk] })
 * const run = await runtime.start(desk, 'Do you ship to Norway?', { id: 'ticket-4711' })
 * console.log(await run.result())
 * ```
 */
export function createRuntime<const Definitions extends readonly AnyDefinition[]>(
  options: RuntimeOptions<Definitions>,
): Runtime<Definitions> {
  checkRuntimeOptions(options)
  return new Runtime(options.definitions, assemble(options), options.retention ?? {})
}
