import { DefinitionError } from '@reprise/core'
import type { ModelFacts, Price } from '@reprise/openai'

/** What a config says of models, by the names that agents ask for. */
export type OwnFacts = Readonly<Record<string, ModelFacts & { readonly price?: Price }>>

/**
 * Reads the export `modelFacts` of a config, where there is one.
 *
 * @param path of the config.
 * @throws DefinitionError with code `bad_model_facts` where it is not what it must be.
 */
export function readOwnFacts(path: string, exported: unknown): OwnFacts {
  if (exported === undefined) return {}
  const expected = "Write it as { 'my-model': { retires: '2027-04-14', contextTokens: 128_000 } }."
  if (!isRecord(exported)) throw bad(path, `modelFacts is ${typeof exported}`, expected)
  for (const [model, facts] of Object.entries(exported)) {
    const where = `modelFacts[${JSON.stringify(model)}]`
    if (!isRecord(facts)) throw bad(path, `${where} is ${typeof facts}`, expected)
    const { retires } = facts
    if (retires !== undefined && !isDay(retires))
      throw bad(path, `${where}.retires is ${JSON.stringify(retires)}`, 'It must be a day, as 2027-04-14.')
  }
  // Whoever writes a config has its types.
  return exported as OwnFacts
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isDay(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value))
}

function bad(path: string, what: string, expected: string): DefinitionError {
  return new DefinitionError({ code: 'bad_model_facts', message: `In the config at ${path}, ${what}. ${expected}` })
}
