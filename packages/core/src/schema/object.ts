import type { JsonSchema } from '../contracts/schema.ts'
import { annotate, inWords } from './annotate.ts'
import { sayJsonText } from './json-text.ts'
import { withNull } from './nullable.ts'
import { below } from './place.ts'
import { allowsNull } from './allows-null.ts'
import { isList, isObject, isSaying, type Raw } from './raw.ts'
import { refuse } from './refuse.ts'
import { keyNames, sayRecord } from './record.ts'
import { restoreObject } from './restore.ts'
import type { Said, Speaker } from './said.ts'

/** Says an object. Every property is required there: an optional one may be null, and comes back absent. */
export function sayObject(raw: Raw, path: string, speaker: Speaker): Said {
  const { properties, additionalProperties: others, patternProperties } = raw
  const named = isObject(properties) ? properties : {}
  const hasNames = isSaying(named)
  if (patternProperties !== undefined) {
    const [[pattern, value] = [], ...more] = isObject(patternProperties) ? Object.entries(patternProperties) : []
    if (pattern === undefined || more.length > 0 || hasNames || isSaying(others) || raw['propertyNames'] !== undefined)
      throw refuse(speaker.where, path, 'chooses its keys by a pattern', 'Use z.record() with the pattern on its key.')
    return sayRecord({ ...raw, propertyNames: { pattern }, additionalProperties: value }, path, speaker)
  }
  if (isSaying(others) && hasNames) {
    const instead = 'Put the others into a property of their own, as a z.record().'
    throw refuse(speaker.where, path, 'has named properties and any others', instead)
  }
  if (isSaying(others)) return sayOthers(others, raw, path, speaker)
  const isOpen = others !== false && (properties === undefined || others === true || isObject(others))
  if (isOpen && !hasNames && !isBareRoot(raw, path, speaker)) return sayOpen(raw, path, speaker)
  return sayMembers(named, raw, path, speaker)
}

/** Says an object of any shape, or whose keys are listed and values are of any. */
function sayOpen(raw: Raw, path: string, speaker: Speaker): Said {
  const names = keyNames(raw['propertyNames'], speaker.root)
  if (!names) return sayJsonText('an object', raw, path, speaker)
  return sayMembers(Object.fromEntries(names.map((name) => [name, {}])), raw, path, speaker)
}

/** Tells whether a root says nothing of its properties: the input of a tool that has none. */
function isBareRoot(
  { properties, additionalProperties, propertyNames }: Raw,
  path: string,
  { root }: Speaker,
): boolean {
  const isWhole = path === '' && root['anyOf'] === undefined && root['oneOf'] === undefined && !isList(root['type'])
  return isWhole && propertyNames === undefined && (properties !== undefined || additionalProperties === undefined)
}

/** Says a record: as an object where its keys are listed, else as pairs. */
function sayOthers(others: Raw, raw: Raw, path: string, speaker: Speaker): Said {
  const names = keyNames(raw['propertyNames'], speaker.root)
  if (!names) return sayRecord(raw, path, speaker)
  return sayMembers(Object.fromEntries(names.map((name) => [name, others])), raw, path, speaker)
}

function sayMembers(listed: Raw, raw: Raw, path: string, speaker: Speaker): Said {
  const required: readonly unknown[] = isList(raw['required']) ? raw['required'] : []
  const lacking = required.filter((name) => !Object.hasOwn(listed, String(name)))
  const { additionalProperties: others } = raw
  if (lacking.length > 0 && (others === false || isSaying(others))) {
    const what = `requires ${lacking.map(String).join(', ')} and has no such property`
    throw refuse(speaker.where, path, what, 'Put it among the properties, or take it from what is required.')
  }
  // Of what must be there, and nothing more is said of, any value will do.
  const named = { ...listed, ...Object.fromEntries(lacking.map((name) => [String(name), {}])) }
  const members = Object.entries(named).map(([name, member]) => {
    const { json, restore } = speaker.say(member, below(path, name))
    const forced = !required.includes(name) && !allowsNull(member, speaker.root)
    if (forced) speaker.differs()
    return { name, json: forced ? withNull(json) : json, forced, restore }
  })
  const json: JsonSchema = {
    type: 'object',
    properties: Object.fromEntries(members.map(({ name, json }) => [name, json])),
    required: members.map(({ name }) => name),
    additionalProperties: false,
  }
  const words = countWords(raw, required.length, members.length)
  return { json: annotate(json, inWords(raw, words)), restore: restoreObject(members) }
}

/** How many properties are to be given, where the names do not say it. */
function countWords({ minProperties: least, maxProperties: most }: Raw, required: number, all: number): string[] {
  return [
    ...(typeof least === 'number' && least > required ? [`at least ${least} of its properties given`] : []),
    ...(typeof most === 'number' && most < all ? [`at most ${most} of its properties given`] : []),
  ]
}
