import { bold, dim, open } from '../show/style.ts'
import { oneLine } from '../show/text.ts'
import { count } from '../show/used.ts'
import type { FoundIn, Linted } from './linted.ts'

/** Says what was found, and what to do, in lines. */
export function sayFindings({ findings, looked, unread, config }: Linted): readonly string[] {
  const many = count(looked.length, config === undefined ? 'file' : 'agent')
  const sum =
    findings.length === 0 ? `Nothing was found in ${many}.` : `${count(findings.length, 'finding')} in ${many}.`
  return [
    ...findings.flatMap((found) => [...sayFinding(found), '']),
    ...unread.map(({ agent, problem }) =>
      oneLine(
        `The instructions of ${agent} could not be made without a context (${problem}), so its tools alone were looked at. Give lintPrompt what they make in a test.`,
      ),
    ),
    sum,
  ]
}

function sayFinding(found: FoundIn): readonly string[] {
  const { rule, words, other, why, source, remedy } = found
  const against = other ? `, and ${placeOf(other)}: "${other.words}"` : ''
  return [
    `${bold(whereOf(found))}  ${open(rule)}`,
    oneLine(`"${words}"${against}`),
    `why  ${why} ${dim(source)}`,
    `do   ${remedy}`,
  ].map((line, index) => (index === 0 ? line : `  ${line}`))
}

/** Where it stands, and what it is: for a file of SARIF, which says why beside it. */
export function messageOfFinding({ tool, line, words, other, remedy }: FoundIn): string {
  const against = other ? `, and ${placeOf(other)}: "${other.words}"` : ''
  return `${tool === null ? 'Instructions' : `Description of tool "${tool}"`}${line === null ? '' : `, line ${line}`}: "${words}"${against}. ${remedy}`
}

function whereOf({ agent, file, tool, line }: FoundIn): string {
  if (file !== null) return `${oneLine(file)}:${line}`
  return oneLine(`${agent}, ${tool === null ? `instructions, line ${line}` : `description of ${tool}`}`)
}

function placeOf({ line, tool }: NonNullable<FoundIn['other']>): string {
  return tool === null ? `in line ${line}` : `of ${tool}`
}
