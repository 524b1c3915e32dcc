import { type Model, systemClock } from '@reprise/core'
import { ask } from './ask/ask.ts'
import { checkTimeouts } from './connect/deadlines.ts'
import { figuresOf } from './catalog/figures-of.ts'
import { lazyClient } from './connect/client.ts'
import type { Way } from './dialect/exchange.ts'
import type { OpenAIOptions, Settings } from './dialect/settings.ts'

/**
 * Makes a model that asks OpenAI, Azure, or any server that speaks their Responses API or Chat Completions.
 * Nothing is loaded, read or connected before the first ask; a missing key is an error of that ask.
 * The environment fills what is not given: `OPENAI_API_KEY`, `OPENAI_BASE_URL`, and the proxies.
 *
 * @throws DefinitionError where `timeouts` are none.
 * @example
 * ```ts
 * import { createRuntime, defineAgent } from '@reprise/core'
 * import { openai } from '@reprise/openai'
 * import { sqlite } from '@reprise/store'
 *
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'You help the customers of a shop.' })
 * const models = openai({ timeouts: { firstTokenMs: 20_000 }, tellDate: true })
 * await using runtime = createRuntime({ store: sqlite('desk.db'), models, definitions: [desk] })
 * const run = await runtime.start(desk, 'Do you ship to Norway?')
 * console.log(await run.result())
 * ```
 */
export function openai(options: OpenAIOptions = {}): Model {
  const timeouts = checkTimeouts(options.timeouts ?? {})
  const settings: Settings = {
    connect: lazyClient(options, timeouts),
    stream: options.stream ?? true,
    prices: options.prices ?? {},
    traits: options.traits ?? {},
    deployments: options.deployments ?? {},
    timeouts,
    clock: options.clock ?? systemClock,
    tellDate: options.tellDate ?? false,
    background: options.background ?? false,
    mcpAuthorization: options.mcpAuthorization ?? {},
  }
  const way = async (): Promise<Way> => {
    const { byChat, byResponses } = await import('./ways.ts')
    return options.api === 'chat' ? byChat : byResponses
  }
  return {
    ask: (...asked) => ask(way, settings, ...asked),
    figures: (model) => figuresOf(settings.prices, model),
    // The tokenizer is loaded where something is to be counted.
    reserve: async (request) => (await import('./ask/reserve.ts')).reserve(settings, request),
  }
}
