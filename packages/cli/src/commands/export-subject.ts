import type { Runtime, Subject } from '@reprise/core'
import { byHand } from '../line/by.ts'

/** What of `reprise export` is for all that is kept of somebody. */
export interface SubjectOptions {
  readonly tenant?: string
  readonly user?: string
  readonly reveal?: true
  readonly by?: string
}

/** Gives who is meant by the options; undefined where nobody is. */
export function subjectOf({ tenant, user }: SubjectOptions): Subject | undefined {
  if (tenant === undefined && user === undefined) return undefined
  return { ...(tenant !== undefined && { tenant }), ...(user !== undefined && { user }) }
}

/** All that is kept of somebody, a line of JSON each. */
export async function* subjectLines(
  runtime: Runtime,
  subject: Subject,
  { reveal, by }: SubjectOptions,
): AsyncGenerator<string, void, undefined> {
  const options = { reader: byHand(by), ...(reveal && { secrets: 'revealed' as const }) }
  for await (const part of runtime.exportSubject(subject, options)) yield `${JSON.stringify(part)}\n`
}
