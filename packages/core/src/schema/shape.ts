// What a schema takes and what it gives, as JSON Schema, where its library says so: for checks before any value is there.
import type { Schema } from '../contracts/schema.ts'
import { follow } from './raw/follow.ts'
import { isList, isObject, type Raw, UNSAYABLE } from './raw/raw.ts'
import { optionsFor, rawSchemaOf } from './libraries/source.ts'
import { isZod3 } from './libraries/zod3.ts'

/** A JSON Schema of a place, and the schema that its references point into. */
interface Place {
  readonly raw: unknown
  readonly root: Raw
}

/** What a schema takes and gives; undefined where nobody can tell. */
export interface Shape {
  readonly takes: Raw | undefined
  readonly gives: Raw | undefined
}

const known = new WeakMap<Schema, Shape>()

/** The shape of a schema, asked for once. Never throws: a library that cannot tell says nothing. */
export function shapeOf(schema: Schema): Shape {
  let shape = known.get(schema)
  if (!shape) known.set(schema, (shape = { takes: takesOf(schema), gives: givesOf(schema) }))
  return shape
}

function takesOf(schema: Schema): Raw | undefined {
  try {
    return rawSchemaOf(schema, '')
  } catch {
    return undefined
  }
}

function givesOf(schema: Schema): Raw | undefined {
  // What is made for types of Zod 3 is what they take.
  if (isZod3(schema)) return undefined
  try {
    return schema['~standard'].jsonSchema?.output(optionsFor(schema['~standard'].vendor))
  } catch {
    return undefined
  }
}

/**
 * Whether a schema is one of some, or the same as one of them written once more: it takes and gives the same, and makes
 * something of it that no JSON Schema can say. What gave no such thing may as well be asked again.
 */
export function isSame(schemas: readonly Schema[], schema: Schema): boolean {
  const shape = shapeOf(schema)
  return schemas.some(
    (other) => other === schema || (isOpaque(shape.gives) && JSON.stringify(shapeOf(other)) === JSON.stringify(shape)),
  )
}

/** Whether what a schema gives has parts that no JSON Schema can say, as those of a transform are. */
function isOpaque(gives: unknown): boolean {
  if (typeof gives !== 'object' || gives === null) return false
  return UNSAYABLE in gives || Object.values(gives).some(isOpaque)
}

/** The names of the properties that a schema of an object has; undefined where it is another's, or nobody can tell. */
export function namesOf(raw: Raw | undefined): readonly string[] | undefined {
  const { properties } = resolve({ raw, root: raw ?? {} })
  return isObject(properties) ? Object.keys(properties) : undefined
}

/** The names of the properties of a schema that takes or gives no others; undefined where it may have others. */
export function closedNames(raw: Raw | undefined): readonly string[] | undefined {
  return raw && isClosed({ raw, root: raw }) ? namesOf(raw) : undefined
}

/** A place where what is given can never be what is taken, and why. */
export interface Misfit {
  /** From the root: `.customer.since`; '' is the root itself. */
  readonly path: string
  readonly why: string
}

/**
 * Finds a place where no value that is given together by some schemas can be one that another takes.
 *
 * @param gives what each of them gives; they give objects where they are several.
 * @returns undefined where some value may fit: then the values themselves tell.
 */
export function findMisfit(gives: readonly Raw[], takes: Raw): Misfit | undefined {
  const given = gives.map((raw) => ({ raw, root: raw }))
  return misfitAt(given, { raw: takes, root: takes }, '', 0)
}

/** Deeper, schemas that mention themselves would not end. */
const DEEPEST = 12

function misfitAt(given: readonly Place[], taken: Place, path: string, depth: number): Misfit | undefined {
  const takes = resolve(taken)
  const takenTypes = typesOf(taken, depth)
  for (const place of given) {
    const givenTypes = typesOf(place, depth)
    if (!givenTypes || !takenTypes || givenTypes.some((type) => takenTypes.includes(type))) continue
    return { path, why: `it is ${givenTypes.join(' or ')}, and ${takenTypes.join(' or ')} is wanted` }
  }
  const { properties } = takes
  if (depth > DEEPEST || !isObject(properties) || takenTypes?.join() !== 'object') return undefined
  const required = isList(takes['required']) ? takes['required'] : []
  for (const [name, raw] of Object.entries(properties)) {
    const givers = given.filter((place) => memberOf(place, name) !== undefined)
    const isRequired = required.includes(name)
    if (isRequired && givers.length === 0 && given.every(isClosed))
      return { path: `${path}.${name}`, why: 'it is not there' }
    const inner = givers.map((place) => ({ raw: memberOf(place, name), root: place.root }))
    const misfit = misfitAt(inner, { raw, root: taken.root }, `${path}.${name}`, depth + 1)
    // What neither side must have may be left out.
    if (misfit && (isRequired || givers.some((place) => isAlwaysGiven(place, name)))) return misfit
  }
  return undefined
}

function memberOf(place: Place, name: string): unknown {
  const { properties } = resolve(place)
  return isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined
}

function isClosed(place: Place): boolean {
  const { properties, additionalProperties } = resolve(place)
  return isObject(properties) && additionalProperties === false
}

function isAlwaysGiven(place: Place, name: string): boolean {
  const { required } = resolve(place)
  return isList(required) && required.includes(name)
}

function resolve({ raw, root }: Place): Raw {
  const target = isObject(raw) && typeof raw['$ref'] === 'string' ? follow(root, raw['$ref']) : raw
  return isObject(target) ? target : {}
}

/** The types that a place may have, whole numbers as numbers; undefined where that is not said. */
function typesOf(place: Place, depth: number): readonly string[] | undefined {
  const raw = resolve(place)
  if (UNSAYABLE in raw || depth > DEEPEST) return undefined
  const branches = raw['anyOf'] ?? raw['oneOf']
  if (isList(branches)) {
    const types = branches.map((branch) => typesOf({ raw: branch, root: place.root }, depth + 1))
    return types.every((type) => type !== undefined) ? [...new Set(types.flat())] : undefined
  }
  if ('const' in raw) return [typeOf(raw['const'])]
  if (isList(raw['enum'])) return [...new Set(raw['enum'].map(typeOf))]
  const types = [raw['type'] ?? []].flat().map(String)
  return types.length > 0 ? types.map((type) => (type === 'integer' ? 'number' : type)) : undefined
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}
