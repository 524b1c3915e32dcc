import type { InferOutput, JsonSchema, Schema } from '../contracts/schema.ts'
import { decoderOf } from './decode.ts'
import { Fitting } from './raw/fits.ts'
import type { Decoded } from './issue.ts'
import { placesOf, type SecretPlaces } from './secret.ts'
import { rawSchemaOf } from './libraries/source.ts'
import { toStrict } from './say/strict.ts'

/** A schema as a model is held to it, and the way from what the model says to what the user's code gets. */
export interface CompiledSchema<Output = unknown> {
  /** The strict form: what a model's service is given. */
  readonly json: JsonSchema
  /** Whether the model says `{ value: ... }`, since the schema's root is no object. */
  readonly wrapped: boolean
  /**
   * Checks a value that a model said, and gives what the schema makes of it. Leaves the value itself as it is.
   * Takes the strict form, and also one in which optional properties are absent and records are objects.
   */
  readonly decode: (value: unknown) => Decoded<Output>
  /** The places that hold secrets, in values as a model says them; undefined where there are none. */
  readonly secrets: SecretPlaces | undefined
  /** A value as a model said it, as the schema is given it: without what only the strict form wants. */
  readonly restored: (value: unknown) => unknown
  /** As `decode`, of a value in which tokens stand for secrets: what is wrong at their places is let pass. */
  readonly decodeHidden: (value: unknown) => Decoded
}

const compiled = new WeakMap<Schema, CompiledSchema>()

/**
 * Compiles a schema to the strict subset. Each schema object is compiled once; asking again gives the same.
 *
 * @param where what error messages call the schema: `Tool "refund_order": input`.
 * @throws DefinitionError naming the place that strict mode cannot say, or the limit that the schema breaks.
 */
export function compile<S extends Schema>(schema: S, where: string): CompiledSchema<InferOutput<S>> {
  const known = compiled.get(schema)
  if (known) return known
  const raw = rawSchemaOf(schema, where)
  const form = toStrict(raw, where, schema['~standard']?.vendor ?? 'zod')
  const { json, wrapped } = form
  const decode = decoderOf(schema, form, raw)
  const restored = (value: unknown): unknown =>
    form.restore ? form.restore(value, { misfits: [], fitting: new Fitting() }) : value
  const made = { json, wrapped, decode, restored, ...hiding(placesOf(raw, where), wrapped, restored, decode) }
  compiled.set(schema, made)
  return made
}

function hiding(
  places: SecretPlaces | undefined,
  wrapped: boolean,
  restored: (value: unknown) => unknown,
  decode: (value: unknown) => Decoded,
): Pick<CompiledSchema, 'secrets' | 'decodeHidden'> {
  if (!places) return { secrets: undefined, decodeHidden: decode }
  const at: SecretPlaces['at'] = (given) => {
    const found = places.at(restored(given))
    return wrapped ? new Map([...found].map(([path, secret]) => [wrappedPath(path), secret])) : found
  }
  const decodeHidden = (given: unknown): Decoded => {
    const decoded = decode(given)
    if (decoded.ok) return decoded
    const hidden = at(given)
    return decoded.issues.every(({ path }) => hidden.has(path)) ? { ok: true, value: restored(given) } : decoded
  }
  return { secrets: { ...places, at }, decodeHidden }
}

/** A path as issues name it, of a value that stands as `{ value: ... }`. */
function wrappedPath(path: string): string {
  return path === '' || path.startsWith('[') ? `value${path}` : `value.${path}`
}
