import type { JsonSchema } from '../../contracts/schema.ts'
import { DefinitionError } from '../../values/errors.ts'
import { checkStrict } from '../limits/check.ts'
import type { Raw } from '../raw/raw.ts'
import { unwrap } from './restore.ts'
import type { Restore } from './said.ts'
import { type Named, TooManyCopies, Translation } from './translation.ts'

/** A schema in strict form. */
export interface StrictForm {
  readonly json: JsonSchema
  /** Whether the root stands as `{ value: ... }`, since strict mode wants an object there. */
  readonly wrapped: boolean
  /** The way back for values; undefined where they are what the schema takes. */
  readonly restore: Restore | undefined
}

/**
 * Translates a JSON Schema into the strict subset.
 *
 * @param where what error messages call the schema: `Tool "refund_order": input`.
 * @param vendor the library that the schema is of.
 * @throws DefinitionError naming the first place that strict mode cannot say, or the limit that the schema breaks.
 */
export function toStrict(raw: Raw, where: string, vendor: string): StrictForm {
  const named = { where, vendor }
  const copied = copying(raw, named)
  if (copied && checkStrict(copied.json).length === 0) return copied
  // What many places refer to may have made it too large.
  const shared = formOf(raw, named, true)
  const [violation] = checkStrict(shared.json)
  if (!violation) return shared
  const [first = violation] = copied ? checkStrict(copied.json) : []
  throw tooLarge(where, first.path, first.message)
}

function copying(raw: Raw, named: Named): StrictForm | undefined {
  try {
    return formOf(raw, named, false)
  } catch (error) {
    if (error instanceof TooManyCopies) return undefined
    throw error
  }
}

function formOf(raw: Raw, named: Named, shares: boolean): StrictForm {
  const bare = new Translation(raw, named, '#', shares).run()
  if (bare.json.type === 'object') return { json: bare.json, wrapped: false, restore: bare.restore }
  const { json, restore } = new Translation(raw, named, '#/$defs/root', shares).run()
  const { $defs, ...value } = json
  return { json: wrap(value, $defs), wrapped: true, restore: unwrap(restore) }
}

function tooLarge(where: string, path: string, message: string): DefinitionError {
  return new DefinitionError({
    code: 'schema_unsupported',
    message: `${where} is more than a strict schema takes: ${message} Make it smaller or flatter, or ask for it in parts.`,
    details: { where, path },
  })
}

function wrap(value: JsonSchema, $defs: JsonSchema['$defs']): JsonSchema {
  return {
    type: 'object',
    properties: { value },
    required: ['value'],
    additionalProperties: false,
    ...($defs && { $defs }),
  }
}
