import { follow } from './follow.ts'
import { isList, isObject, type Raw } from './raw.ts'

/** What is known of the parts of a whole. */
const known = new WeakMap<Raw, Map<Raw, boolean>>()

/** Tells whether a schema of its own accepts null, before strict mode adds any. */
export function allowsNull(raw: unknown, root: Raw): boolean {
  if (!isObject(raw)) return false
  const answers = known.get(root) ?? new Map<Raw, boolean>()
  known.set(root, answers)
  const answer = answers.get(raw)
  if (answer !== undefined) return answer
  // What refers to itself says nothing by that: each is asked, from the inside out, until no answer changes.
  const asked = reached(raw, root, answers)
  for (const part of asked) answers.set(part, false)
  for (let isChanged = true; isChanged;) {
    isChanged = false
    for (const part of asked) {
      if (answers.get(part) || !takesNull(part, root, answers)) continue
      answers.set(part, true)
      isChanged = true
    }
  }
  return answers.get(raw) ?? false
}

function takesNull(raw: Raw, root: Raw, answers: ReadonlyMap<unknown, boolean>): boolean {
  const isSo = (part: unknown): boolean => answers.get(part) ?? false
  if (typeof raw['$ref'] === 'string') return isSo(follow(root, raw['$ref']))
  const branches = raw['anyOf'] ?? raw['oneOf']
  if (isList(branches)) return branches.some(isSo)
  if (isList(raw['allOf'])) return raw['allOf'].every(isSo)
  if ('const' in raw) return raw['const'] === null
  if (isList(raw['enum'])) return raw['enum'].includes(null)
  return [raw['type']].flat().includes('null')
}

/** A schema and what its answer hangs on and is not known yet, from the inside out. */
function reached(raw: Raw, root: Raw, answers: ReadonlyMap<Raw, boolean>): readonly Raw[] {
  const seen = new Set<Raw>([raw])
  for (const part of seen)
    for (const inner of innerOf(part, root)) if (isObject(inner) && !answers.has(inner)) seen.add(inner)
  return [...seen].toReversed()
}

function innerOf({ $ref, anyOf, oneOf, allOf }: Raw, root: Raw): readonly unknown[] {
  if (typeof $ref === 'string') return [follow(root, $ref)]
  return [anyOf ?? oneOf, allOf].flatMap((list) => (isList(list) ? list : []))
}
