// How Valibot's converter is asked, which throws without a path at all that JSON Schema has no word for.
import { patternWords } from './checks.ts'
import { isObject, type Raw, UNSAYABLE } from '../raw/raw.ts'
import { WORDS, wordsOf } from '../raw/words.ts'

/** A schema or an action of a pipe, as the converter hands it over: with what it made of it, and what it could not. */
interface Part {
  readonly valibotSchema?: unknown
  readonly valibotAction?: unknown
  readonly jsonSchema: Raw
  readonly errors?: readonly string[] | undefined
}

/** A mark stands where no schema can be said; what only checks or changes a value is said in words, and held by Valibot. */
export const VALIBOT_OPTIONS = {
  errorMode: 'ignore',
  overrideSchema: ({ valibotSchema, errors }: Part): Raw | undefined =>
    errors && { [UNSAYABLE]: typeOf(valibotSchema) },
  overrideAction: ({ valibotAction, jsonSchema, errors }: Part): Raw | undefined => {
    const words = errors && wordsOfAction(isObject(valibotAction) ? valibotAction : {})
    if (words === undefined) return undefined
    // A pattern is no longer one without its flags.
    const { pattern, ...rest } = jsonSchema
    const isOwn = isObject(valibotAction) && sourceOf(valibotAction) === pattern
    return { ...(isOwn ? rest : jsonSchema), [WORDS]: [...wordsOf(jsonSchema), ...words] }
  },
}

function typeOf(schema: unknown): string {
  return isObject(schema) && typeof schema['type'] === 'string' ? schema['type'] : 'custom'
}

function wordsOfAction({ requirement, message }: Raw): readonly string[] {
  if (requirement instanceof RegExp) return [patternWords(requirement) ?? `matching /${requirement.source}/`]
  return typeof message === 'string' && message !== '' ? [message] : []
}

function sourceOf({ requirement }: Raw): string | undefined {
  return requirement instanceof RegExp ? requirement.source : undefined
}
