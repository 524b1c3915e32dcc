import type { JsonSchema } from '../contracts/schema.ts'
import type { Raw } from './raw.ts'
import { unwrap } from './restore.ts'
import type { Restore } from './said.ts'
import { Translation } from './translation.ts'

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
 * @throws DefinitionError naming the first place that strict mode cannot say, and what to use there.
 */
export function toStrict(raw: Raw, where: string): StrictForm {
  const bare = new Translation(raw, where, '#').run()
  if (bare.json.type === 'object') return { json: bare.json, wrapped: false, restore: bare.restore }
  const { json, restore } = new Translation(raw, where, '#/$defs/root').run()
  const { $defs, ...value } = json
  return { json: wrap(value, $defs), wrapped: true, restore: unwrap(restore) }
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
