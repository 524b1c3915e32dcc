import { annotate } from './annotate.ts'
import { unite } from './nullable.ts'
import { isNever, type Raw } from './raw.ts'
import { refuse, refuseType } from './refuse.ts'
import { restoreBranch } from './restore.ts'
import type { Said, Speaker } from './said.ts'

/** Says one of several shapes. `oneOf` becomes `anyOf`: which of them it is, the user's schema checks. */
export function sayUnion(branches: readonly unknown[], raw: Raw, path: string, speaker: Speaker): Said {
  if (raw['properties'] !== undefined || raw['items'] !== undefined) {
    throw refuse(speaker.where, path, 'is both one shape and one of several', 'Write out each shape in full.')
  }
  const said = branches.filter((branch) => !isNever(branch)).map((branch) => speaker.say(branch, path))
  if (said.length === 0) throw refuseType(speaker.where, path, 'never')
  return {
    json: annotate(unite(said.map(({ json }) => json)), raw),
    restore: said.some(({ restore }) => restore) ? restoreBranch(said, speaker) : undefined,
  }
}
