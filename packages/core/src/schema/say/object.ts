import type { JsonSchema } from '../../contracts/schema.ts'
import { annotate, inWords } from './annotate.ts'
import { sayJsonText } from './json-text.ts'
import { withNull } from './nullable.ts'
import { below } from '../raw/place.ts'
import { allowsNull } from '../raw/allows-null.ts'
import { deepened, MORE } from './apart.ts'
import { membersOf } from '../raw/members.ts'
import { isList, isNever, isObject, isSaying, type Raw } from '../raw/raw.ts'
import { refuse } from './refuse.ts'
import { EACH_ONCE, keyNames, sayRecord } from './record.ts'
import { type Member, restoreObject, restoreOthers } from './restore.ts'
import type { Restore, Said, Speaker } from './said.ts'
import { sayPairs, type Way, waysOf } from './ways.ts'

/** Says an object. Every property is required there: an optional one may be null, and comes back absent. */
export function sayObject(raw: Raw, path: string, speaker: Speaker): Said {
  const { properties, additionalProperties: others, patternProperties, propertyNames } = raw
  const ways = waysOf(raw, path, speaker)
  const listed = patternProperties === undefined ? keyNames(propertyNames, speaker.root) : undefined
  const named = namedIn(raw, ways, path, speaker)
  const hasNames = isSaying(named)
  if (ways.length > 0 && listed && !hasNames)
    return sayMembers(Object.fromEntries(listed.map((name) => [name, others])), raw, [], path, speaker)
  if (ways.length > 0 && !hasNames) return sayRecord(raw, ways, path, speaker)
  const isOpen = others !== false && (properties === undefined || others === true || isObject(others))
  if (isOpen && !hasNames && !isBareRoot(raw, path, speaker)) return sayOpen(raw, path, speaker)
  return sayMembers(named, raw, ways, path, speaker)
}

/** The properties that have names: also those that only are required, or that only a condition names. */
function namedIn(raw: Raw, ways: readonly Way[], path: string, speaker: Speaker): Raw {
  const { properties, additionalProperties: others, [MORE]: more } = raw
  const own = isObject(properties) ? properties : {}
  const required = requiredOf(raw)
  const lacking = required.filter((name) => !Object.hasOwn(own, name))
  const members = lacking.map((name) => [name, membersOf({ ...raw, properties: {} }, name)] as const)
  const never = members.filter(([, [member]]) => member === false).map(([name]) => name)
  if (never.length > 0) {
    const what = `requires ${never.join(', ')} and has no such property`
    throw refuse(speaker, path, what, 'Put it among the properties, or take it from what is required.')
  }
  // Where keys are listed by what they may be, they are named below.
  if (ways.length > 0 && keyNames(raw['propertyNames'], speaker.root)) return own
  // Of what must be there, and nothing more is said of, any value will do.
  const needed = members.map(([name, [member = {}]]) => [name, member] as const)
  const isNew = ([name]: [string, unknown]): boolean => !Object.hasOwn(own, name) && !required.includes(name)
  const extra = isObject(more) ? more : {}
  const further = others === false || ways.length > 0 ? [] : Object.entries(extra).filter(isNew)
  const deep = Object.entries(own).map(([name, member]) => [name, deepened(member, extra[name], speaker.root)] as const)
  return Object.fromEntries([...deep, ...needed, ...further])
}

function requiredOf({ required }: Raw): readonly string[] {
  return isList(required) ? required.map(String) : []
}

/** Says an object of any shape, or whose keys are listed and values are of any. */
function sayOpen(raw: Raw, path: string, speaker: Speaker): Said {
  const names = keyNames(raw['propertyNames'], speaker.root)
  if (!names) return sayJsonText('an object', raw, path, speaker)
  return sayMembers(Object.fromEntries(names.map((name) => [name, {}])), raw, [], path, speaker)
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

function sayMembers(named: Raw, raw: Raw, ways: readonly Way[], path: string, speaker: Speaker): Said {
  const required = new Set(requiredOf(raw))
  // What may never be given is left out, as nothing is allowed that is not named.
  const possible = Object.entries(named).filter(([name, member]) => required.has(name) || !isNever(member))
  const members = possible.map(([name, member]) => {
    const { json, restore } = speaker.say(member, below(path, name))
    const forced = !required.has(name) && !allowsNull(member, speaker.root)
    if (forced) speaker.differs()
    return { name, json: forced ? withNull(json) : json, forced, restore }
  })
  const others = ways.length === 0 ? undefined : sayBeside(ways, members, raw, path, speaker)
  const all = [...members, ...(others ? [others] : [])]
  const json: JsonSchema = {
    type: 'object',
    properties: Object.fromEntries(all.map(({ name, json }) => [name, json])),
    required: all.map(({ name }) => name),
    additionalProperties: false,
  }
  const words = countWords(raw, required.size, others ? Infinity : members.length)
  return { json: annotate(json, inWords(raw, words)), restore: others ? others.restore : restoreObject(members) }
}

/** Says the properties that have no names as one more property beside those that have: as pairs. */
function sayBeside(
  ways: readonly Way[],
  members: readonly Member[],
  raw: Raw,
  path: string,
  speaker: Speaker,
): { readonly name: string; readonly json: JsonSchema; readonly restore: Restore } {
  speaker.differs()
  const names = new Set(members.map(({ name }) => name))
  let name = 'others'
  while (names.has(name)) name += '_'
  const { json: items, restoreOf } = sayPairs(ways, raw, path, speaker)
  const json: JsonSchema = { type: 'array', items, description: `further properties (${EACH_ONCE})` }
  return { name, json, restore: restoreOthers(name, restoreOf, { names, restore: restoreObject(members) }) }
}

/** How many properties are to be given, where the names do not say it. */
function countWords({ minProperties: least, maxProperties: most }: Raw, required: number, all: number): string[] {
  return [
    ...(typeof least === 'number' && least > required ? [`at least ${least} of its properties given`] : []),
    ...(typeof most === 'number' && most < all ? [`at most ${most} of its properties given`] : []),
  ]
}
