// What no strict schema can say of a place is taken away from it: the model reads it in words, and `held.ts` holds it.
import { sameJson } from '../../values/same-json.ts'
import { conditionsOf, foreignOf, isUnionBeside, withoutForeign } from '../held/foreign.ts'
import { follow } from '../raw/follow.ts'
import { dependentsOf } from '../raw/members.ts'
import { phraseOf } from '../held/phrase.ts'
import { isList, isNever, isObject, isSaying, type Raw } from '../raw/raw.ts'
import { refuse } from './refuse.ts'
import type { Speaker } from './said.ts'
import { findUnjudged } from '../held/unjudged.ts'
import { WORDS, wordsOf } from '../raw/words.ts'

/** Where properties stand that only a condition names: a model may give them, and they may be left out. */
export const MORE = 'x-reprise-more'

/** Gives a schema without what is said in words, and with these. One without such is given as it is. */
export function setApart(raw: Raw, path: string, speaker: Pick<Speaker, 'where' | 'vendor' | 'root'>): Raw {
  const foreign = foreignOf(raw)
  if (!foreign) return raw
  const { root } = speaker
  const choice = choiceWords(raw, root)
  // What has no shape of its own is held by its words alone.
  const worded = choice.length === 0 ? conditionsOf(foreign) : foreign
  const unjudged = findUnjudged(worded, root)
  if (unjudged) throw refuse(speaker, path, unjudged, 'Check it in the schema itself, by a refinement.')
  const words = [...conditionWords(foreign, root), ...choice]
  if (words.length === 0) return raw
  const { anyOf, oneOf, ...rest } = withoutForeign(raw)
  const unions = { ...(anyOf !== undefined && { anyOf }), ...(oneOf !== undefined && { oneOf }) }
  const more = eitherOf([...moreIn(foreign, root)])
  return {
    ...rest,
    ...(choice.length === 0 && unions),
    [WORDS]: [...wordsOf(raw), ...words],
    ...(Object.keys(more).length > 0 && { [MORE]: more }),
  }
}

/** Of properties that are named in several ways each may be of either kind. */
export function eitherOf(named: readonly Named[]): Raw {
  const more = new Map<string, unknown>()
  for (const [name, member] of named) {
    const before = more.get(name)
    if (!isSaying(before)) more.set(name, member)
    else if (isSaying(member) && !sameJson(before, member)) more.set(name, { anyOf: [before, member] })
  }
  return Object.fromEntries(more)
}

function conditionWords(foreign: Raw, root: Raw): readonly string[] {
  const { not, if: condition, then, else: otherwise } = foreign
  const say = (part: unknown): string => phraseOf(part, root)
  return [
    ...(not === undefined ? [] : [`not ${say(not)}`]),
    ...(condition === undefined || then === undefined ? [] : [`if it is ${say(condition)}, then ${say(then)}`]),
    ...(condition === undefined || otherwise === undefined
      ? []
      : [`unless it is ${say(condition)}, ${say(otherwise)}`]),
    ...containWords(foreign, say),
    ...dependentsOf(foreign).map(([name, needed]) => {
      const what = isList(needed) ? `with ${needed.map((one) => JSON.stringify(one)).join(' and ')}` : say(needed)
      return `${what} wherever ${JSON.stringify(name)} is given`
    }),
  ]
}

function containWords({ contains, minContains: least = 1, maxContains: most }: Raw, say: (part: unknown) => string) {
  if (contains === undefined) return []
  const bounds = [
    ...(least === 0 ? [] : [`at least ${JSON.stringify(least)}`]),
    ...(most === undefined ? [] : [`at most ${JSON.stringify(most)}`]),
  ]
  return bounds.length === 0 ? [] : [`with ${bounds.join(' and ')} items that are ${say(contains)}`]
}

/** Alternatives that only choose which of the properties are given need no shapes of their own. */
function choiceWords(raw: Raw, root: Raw): readonly string[] {
  const { anyOf, oneOf, properties } = raw
  const list = anyOf ?? oneOf
  if (!isUnionBeside(raw) || (anyOf && oneOf) || !isList(list) || !isObject(properties)) return []
  if (list.length === 0 || !list.every((branch) => isObject(branch) && isChoice(branch, properties))) return []
  return [`${anyOf ? 'at least' : 'exactly'} one of these: ${list.map((branch) => phraseOf(branch, root)).join('; ')}`]
}

const OF_CHOICES = new Set([
  'required',
  'not',
  'type',
  'title',
  'description',
  '$comment',
  'minProperties',
  'maxProperties',
])

function isChoice(branch: Raw, properties: Raw): boolean {
  const { required = [], not, type = 'object' } = branch
  return (
    Object.keys(branch).every((keyword) => OF_CHOICES.has(keyword)) &&
    type === 'object' &&
    (not === undefined || !isNever(branch)) &&
    isList(required) &&
    required.every((name) => Object.hasOwn(properties, String(name)))
  )
}

/** A property with those inside it that a condition names; itself where there are none, or it is no object with names. */
export function deepened(member: unknown, more: unknown, root: Raw): unknown {
  if (!isObject(member) || !isObject(member['properties']) || !isSaying(more)) return member
  const before = isObject(member[MORE]) ? Object.entries(member[MORE]) : []
  const inner = eitherOf([...before, ...moreOf(more, root)])
  return Object.keys(inner).length > 0 ? { ...member, [MORE]: inner } : member
}

/** The properties that the conditions of a schema bring with them. */
function* moreIn({ then, else: otherwise, ...foreign }: Raw, root: Raw, seen = new Set<unknown>()): Generator<Named> {
  const dependents = dependentsOf(foreign).map(([, needed]) => (isList(needed) ? { required: needed } : needed))
  for (const part of [then, otherwise, ...dependents]) yield* moreOf(part, root, seen)
}

type Named = readonly [name: string, member: unknown]

/** The properties that a schema brings with it where it holds. */
function* moreOf(raw: unknown, root: Raw, seen = new Set<unknown>()): Generator<Named> {
  if (!isObject(raw) || seen.has(raw)) return
  seen.add(raw)
  const { $ref, allOf, anyOf, oneOf, required, properties } = raw
  const target = typeof $ref === 'string' ? follow(root, $ref) : undefined
  for (const part of [target, allOf, anyOf, oneOf].flat()) yield* moreOf(part, root, seen)
  yield* moreIn(raw, root, seen)
  for (const name of isList(required) ? required : []) yield [String(name), {}]
  for (const [name, member] of Object.entries(isObject(properties) ? properties : {}))
    if (!isNever(member)) yield [name, member]
}
