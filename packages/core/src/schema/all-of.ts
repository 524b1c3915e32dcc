import type { DefinitionError } from '../words/errors.ts'
import { inWords } from './annotate.ts'
import { follow } from './follow.ts'
import { isList, isObject, isSaying, type Raw } from './raw.ts'
import { refuse } from './refuse.ts'
import type { Speaker } from './said.ts'

const HERE = 'Write the whole of it as one schema.'

/** Tells whether several schemas must hold at once: those of an `allOf`, or one that is referred to and properties beside it. */
export function isMixed(raw: Raw): boolean {
  return isList(raw['allOf']) ? typeof raw['$ref'] !== 'string' : isExtended(raw)
}

function isExtended(raw: Raw): boolean {
  return typeof raw['$ref'] === 'string' && isSaying(raw['properties'])
}

/** Makes one schema of all that must hold at once: objects are put together, bounds are gathered. */
export function mergeAll(raw: Raw, path: string, speaker: Speaker, above: readonly Raw[] = []): Raw {
  const { allOf, $ref, ...own } = raw
  const others = [...($ref === undefined ? [] : [{ $ref }]), ...(isList(allOf) ? allOf : [])]
  const parts = [own, ...others].map((part) => resolve(part, path, speaker, [...above, raw]))
  return parts.reduce((merged, part) => merge(merged, part, path, speaker))
}

function resolve(part: unknown, path: string, speaker: Speaker, above: readonly Raw[]): Raw {
  const isReference = isObject(part) && typeof part['$ref'] === 'string' && !isExtended(part)
  const target = isReference ? follow(speaker.root, String(part['$ref'])) : part
  if (!isObject(target)) throw refuse(speaker.where, path, 'combines a schema that is not there', HERE)
  if (above.includes(target)) throw refuse(speaker.where, path, 'combines a schema with itself', HERE)
  return isList(target['allOf']) || isExtended(target) ? mergeAll(target, path, speaker, above) : target
}

function merge(one: Raw, other: Raw, path: string, speaker: Speaker): Raw {
  let merged = one
  for (const [keyword, value] of Object.entries(other)) {
    const before = merged[keyword]
    if (before === undefined) merged = { ...merged, [keyword]: value }
    else if (keyword === 'additionalProperties') merged = { ...merged, [keyword]: isObject(before) ? before : value }
    else if (keyword === 'properties') merged = { ...merged, [keyword]: mergeMembers(before, value, path, speaker) }
    else if (keyword === 'required') merged = { ...merged, [keyword]: [...new Set([before, value].flat())] }
    else if (keyword === 'pattern') merged = inWords(merged, [`matching /${String(value)}/`])
    else if (keyword === 'multipleOf') merged = inWords(merged, [`a multiple of ${String(value)}`])
    else if (!ANNOTATIONS.has(keyword) && !isSame(before, value)) throw differ(keyword, path, speaker)
  }
  return merged
}

const ANNOTATIONS = new Set(['title', 'description', 'unevaluatedProperties'])

function mergeMembers(before: unknown, after: unknown, path: string, speaker: Speaker): Raw {
  const [one, other] = [before as Raw, after as Raw]
  const odd = Object.keys(other).find((name) => Object.hasOwn(one, name) && !isSame(one[name], other[name]))
  if (odd !== undefined) throw differ(odd, path, speaker)
  return { ...one, ...other }
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function differ(name: string, path: string, { where }: Speaker): DefinitionError {
  return refuse(where, path, `combines two schemas that differ in "${name}"`, HERE)
}
