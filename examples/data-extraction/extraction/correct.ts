import { Complaint } from '../complaint.ts'
import type { Extracted } from './extracted.ts'
import { problemsIn } from './problems.ts'
import { Statement } from './statement.ts'

/**
 * Puts what a person gives in the place of what was read.
 *
 * @throws Complaint when that makes no statement, or one that does not add up.
 */
export function correct({ file, statement }: Pick<Extracted, 'file' | 'statement'>, fields: object): Statement {
  const parsed = Statement.strict().safeParse({ ...statement, ...fields })
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = issue && issue.path.length > 0 ? ` at ${issue.path.join('.')}` : ''
    throw new Complaint(`The correction of ${file} is no statement${where}: ${issue?.message}.`)
  }
  const problems = problemsIn(parsed.data)
  if (problems.length > 0) throw new Complaint(`The correction of ${file} does not add up. ${problems.join(' ')}`)
  return parsed.data
}
