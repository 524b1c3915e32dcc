// Which places of a schema hold secrets: texts whose JSON Schema says `secret: true` (with Zod, `.meta({ secret: true })`).
import type { Schema } from '../contracts/schema.ts'
import { DefinitionError } from '../values/errors.ts'
import { below, pathText } from './raw/place.ts'
import { follow } from './raw/follow.ts'
import { itemAt, membersOf } from './raw/members.ts'
import { isList, isObject, type Raw } from './raw/raw.ts'
import { rawSchemaOf } from './libraries/source.ts'
import { reach, sameIn } from './raw/words.ts'

/** Stands for a secret in what a person reads of a value that was refused. */
export const COVER = '(a secret)'

/** The places of a schema that hold secrets. */
export interface SecretPlaces {
  /** The first of them, from the root: `.password`, `.cards[].number`. */
  readonly first: string
  /** What stands at such places in a value, by its path: `password`, `cards[0].number`. */
  readonly at: (value: unknown) => ReadonlyMap<string, unknown>
  /** A copy of a value with `COVER` wherever a secret may stand. */
  readonly cover: (value: unknown) => unknown
}

const known = new WeakMap<Schema, SecretPlaces | null>()

/**
 * The secret places of a schema, looked for once; undefined where there are none. A schema that offers no JSON Schema
 * cannot say that it has any.
 *
 * @throws DefinitionError with code `bad_secret` when one of them is no text.
 */
export function secretPlaces(schema: Schema, where: string): SecretPlaces | undefined {
  let places = known.get(schema)
  if (places === undefined) {
    places = schema['~standard'].jsonSchema ? (placesOf(rawSchemaOf(schema, where), where) ?? null) : null
    known.set(schema, places)
  }
  return places ?? undefined
}

/** The secret places of a JSON Schema; undefined where there are none. Throws what `secretPlaces` throws. */
export function placesOf(root: Raw, where: string): SecretPlaces | undefined {
  const found = [...look(root, root, '', new Set())]
  const [first] = found
  if (!first) return undefined
  const odd = found.find(({ raw }) => !isText(raw, root))
  if (odd)
    throw new DefinitionError({
      code: 'bad_secret',
      message: `${where}${odd.path} is a secret, and is not free text. Only that is kept secret: make it z.string().meta({ secret: true }), or take the mark away.`,
      details: { where, path: odd.path },
    })
  const at = (value: unknown): ReadonlyMap<string, unknown> => {
    const secrets = new Map<string, unknown>()
    const note = (secret: unknown, keys: Keys): unknown => {
      secrets.set(pathText(keys), secret)
      return secret
    }
    change([root], value, [], { root, secret: note })
    return secrets
  }
  return { first: first.path, at, cover: (value) => change([root], value, [], { root, secret: () => COVER }) }
}

/** The texts that stand at secret places of a value. */
export function secretsIn({ at }: SecretPlaces, value: unknown): readonly string[] {
  return [...at(value).values()].filter((secret) => typeof secret === 'string')
}

interface Place {
  readonly path: string
  readonly raw: Raw
}

/** All secret places of a schema; what mentions itself is looked at once. */
function* look(raw: unknown, root: Raw, path: string, seen: Set<unknown>): Generator<Place> {
  if (!isObject(raw) || seen.has(raw)) return
  seen.add(raw)
  if (raw['secret'] === true) yield { path, raw }
  else for (const { inner, name } of parts(raw, root)) yield* look(inner, root, name(path), seen)
}

interface Inside {
  readonly inner: unknown
  readonly name: (path: string) => string
}

const same = (path: string): string => path
const items = (path: string): string => `${path}[]`

function* parts(raw: Raw, root: Raw): Generator<Inside> {
  for (const inner of sameIn(raw, root)) yield { inner, name: same }
  for (const [name, inner] of members(raw)) yield { inner, name: (path) => below(path, name) }
  const { items: item, prefixItems, additionalItems, additionalProperties, propertyNames, patternProperties } = raw
  const matching = isObject(patternProperties) ? Object.values(patternProperties) : []
  for (const inner of [item, prefixItems, additionalItems, additionalProperties, propertyNames, matching].flat())
    yield { inner, name: items }
}

function members(raw: Raw): readonly [string, unknown][] {
  const { properties } = raw
  return isObject(properties) ? Object.entries(properties) : []
}

type Keys = readonly PropertyKey[]

/** One walk through a value. */
interface Walk {
  readonly root: Raw
  readonly secret: (value: unknown, keys: Keys) => unknown
}

/** Gives a copy of a value, held to some schemas at once, in which `secret` has taken what stands at each secret place. */
function change(raws: readonly unknown[], value: unknown, keys: Keys, walk: Walk): unknown {
  if (value === undefined || value === null) return value
  // What may be a secret is one: a value is held to all that it may be.
  const held = [...reach(raws, walk.root)]
  if (held.some((raw) => raw['secret'] === true)) return walk.secret(value, keys)
  const into = (parts: readonly unknown[], part: unknown, key: PropertyKey): unknown =>
    change(parts, part, [...keys, key], walk)
  const partsAt = (at: number): readonly unknown[] => held.map((raw) => itemAt(raw, at))
  if (isList(value)) return value.map((item, at) => into(partsAt(at), item, at))
  if (!isObject(value)) return value
  const names = held.map((raw) => raw['propertyNames'])
  const pairs = Object.entries(value).map(([key, part]): [PropertyKey, unknown] => [
    String(into(names, key, key)),
    into(
      held.flatMap((raw) => membersOf(raw, key)),
      part,
      key,
    ),
  ])
  return Object.fromEntries(pairs)
}

/** Any text, or such that may be null: one of a few is no secret. */
function isText(raw: Raw, root: Raw, seen = new Set<unknown>()): boolean {
  // An alternative of itself is no other.
  if (seen.has(raw)) return true
  seen.add(raw)
  if (typeof raw['$ref'] === 'string') {
    const target = follow(root, raw['$ref'])
    return isObject(target) && isText(target, root, seen)
  }
  const options = [raw['allOf'], raw['anyOf'], raw['oneOf']].flatMap((list) => (isList(list) ? list : []))
  if ('enum' in raw || 'const' in raw) return false
  if (options.length > 0)
    return options.every((branch) => isObject(branch) && (isNull(branch) || isText(branch, root, seen)))
  const types = [raw['type']].flat().filter((type) => type !== 'null')
  return types.length === 1 && types[0] === 'string'
}

function isNull({ type }: Raw): boolean {
  return type === 'null'
}
