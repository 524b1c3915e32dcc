import { annotate } from './annotate.ts'
import { unite } from './nullable.ts'
import { follow } from '../raw/follow.ts'
import { sayJsonText } from './json-text.ts'
import { isNever, isObject, type Raw } from '../raw/raw.ts'
import { refuse, refuseType } from './refuse.ts'
import { restoreBranch } from './restore.ts'
import type { Said, Speaker } from './said.ts'

/** Says one of several shapes. `oneOf` becomes `anyOf`: which of them it is, the user's schema checks. */
export function sayUnion(branches: readonly unknown[], raw: Raw, path: string, speaker: Speaker): Said {
  const said = branches.filter((branch) => !isNever(branch)).map((branch) => speaker.say(branch, path))
  if (said.length === 0) throw refuseType(speaker, path, 'never')
  // A text that holds JSON is told from no other shape, so that all of them are said as one.
  if (said.some(({ isJsonText }) => isJsonText) && said.filter(({ json }) => json.type !== 'null').length > 1) {
    // A token within a text of JSON is not found, and would be taken for the secret.
    if (hasSecret(branches, speaker.root))
      throw refuse(speaker, path, 'has a secret in one shape and is of any in another', 'Name the shapes of all.')
    return sayJsonText(branches.map(nameOf).join(' or '), raw, speaker)
  }
  return {
    json: annotate(unite(said.map(({ json }) => json)), raw),
    restore: said.some(({ restore }) => restore) ? restoreBranch(said, speaker) : undefined,
  }
}

/** What a branch is called in few words. */
function nameOf(branch: unknown): string {
  const { title, type } = isObject(branch) ? branch : {}
  return [title, type].find((name) => typeof name === 'string') ?? 'any value'
}

function hasSecret(place: unknown, root: Raw, seen = new Set<unknown>()): boolean {
  if (typeof place !== 'object' || place === null || seen.has(place)) return false
  seen.add(place)
  if (!isObject(place)) return Object.values(place).some((inner) => hasSecret(inner, root, seen))
  const target = typeof place['$ref'] === 'string' ? follow(root, place['$ref']) : undefined
  return place['secret'] === true || [target, ...Object.values(place)].some((inner) => hasSecret(inner, root, seen))
}
