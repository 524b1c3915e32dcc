import { cut } from '../values/cut.ts'
import type { Issue } from './issue.ts'

/** The most issues that one complaint lists. */
const MOST_ISSUES = 10

/** The most characters of one issue's own words. */
const MESSAGE_LENGTH = 300

/** Says to a model what is wrong with a value: one line for each place, bounded in length. */
export function explain(issues: readonly Issue[]): string {
  const lines = issues.slice(0, MOST_ISSUES).map(line)
  const more = issues.length - lines.length
  return [
    `The value breaks its schema in ${issues.length === 1 ? 'one place' : `${issues.length} places`}:`,
    ...lines,
    ...(more > 0 ? [`- and ${more} more.`] : []),
  ].join('\n')
}

function line({ path, message, expected, got }: Issue): string {
  const place = path === '' ? 'the value itself' : path
  return `- ${place}: ${cut(message, MESSAGE_LENGTH).replace(/\.$/, '')}${expected === undefined ? '' : `; expected ${expected}`}; got ${got}`
}
