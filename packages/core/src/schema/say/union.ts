import { annotate } from './annotate.ts'
import { unite } from './nullable.ts'
import { hasSecret, sayJsonText } from './json-text.ts'
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
    if (hasSecret(branches, speaker.root))
      throw refuse(speaker, path, 'has a secret in one shape and is of any in another', 'Name the shapes of all.')
    return sayJsonText(branches.map(nameOf).join(' or '), raw, path, speaker)
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
