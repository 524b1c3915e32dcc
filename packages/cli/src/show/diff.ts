import type { Json, JsonChange, RunDiff, RunStep, StepPair } from '@reprise/core'
import { bad, bold, dim, good, open } from './style.ts'
import { apart, harmless, oneLine, short, shortJson } from './text.ts'
import { textDiff } from './text-diff.ts'
import { count } from './used.ts'

/** From how many characters on a text that has changed is shown by its lines. */
const LONG = 60

/** Two runs side by side: what differs, and how much is the same in between. */
export function sayDiff(diff: RunDiff): string[] {
  const { runA, runB, pairs, same } = harmless(diff)
  const [a, b] = [oneLine(runA), oneLine(runB)]
  const numberOf = (kind: StepPair['kind']): number => pairs.filter((pair) => pair.kind === kind).length
  const parts = [
    `${count(numberOf('same'), 'step')} the same`,
    ...(numberOf('changed') > 0 ? [open(`${numberOf('changed')} changed`)] : []),
    ...(numberOf('only-a') > 0 ? [bad(`${numberOf('only-a')} only in ${a}`)] : []),
    ...(numberOf('only-b') > 0 ? [good(`${numberOf('only-b')} only in ${b}`)] : []),
  ]
  const head = `${bold(a)} and ${bold(b)}: ${parts.join(', ')}`
  return same ? [head] : [head, '', ...sayPairs(pairs)]
}

function sayPairs(pairs: readonly StepPair[]): string[] {
  const lines: string[] = []
  let alike = 0
  const tellAlike = (): void => {
    if (alike > 0) lines.push(dim(`  \u2026 ${count(alike, 'step')} the same`))
    alike = 0
  }
  for (const pair of pairs) {
    if (pair.kind === 'same') {
      alike++
      continue
    }
    tellAlike()
    lines.push(...sayPair(pair))
  }
  tellAlike()
  return lines
}

function sayPair(pair: Exclude<StepPair, { kind: 'same' }>): string[] {
  switch (pair.kind) {
    case 'only-a':
      return [bad(`- ${sayStep(pair.a)}`)]
    case 'only-b':
      return [good(`+ ${sayStep(pair.b)}`)]
    case 'changed': {
      const at = pair.a.seq === pair.b.seq ? `entry ${pair.a.seq}` : `entries ${pair.a.seq} and ${pair.b.seq}`
      return [`${open('~')} ${named(pair.a)}  ${dim(at)}`, ...pair.changes.flatMap((change) => sayChange(change))]
    }
    default:
      return pair satisfies never
  }
}

/** A step that one of the two has alone, in a line. */
function sayStep(step: RunStep): string {
  const { text, arguments: args = null, ...rest } = step.said
  if (step.kind !== 'call') return `${named(step)} ${typeof text === 'string' ? short(text) : shortJson(rest)}`
  const came = Object.entries(rest).map(([what, value = null]) => `, ${what} ${shortJson(value)}`)
  return `${named(step)} ${shortJson(args)}${came.join('')}`
}

function named({ kind, name }: RunStep): string {
  return oneLine(name === '' ? kind : `${kind} ${name}`)
}

function sayChange({ path, a, b }: JsonChange): string[] {
  const what = `    ${oneLine(path)}`
  if (typeof a === 'string' && typeof b === 'string' && (a.includes('\n') || b.includes('\n')))
    return [what, ...textDiff(a, b).map((line) => `    ${line}`)]
  const [was, is] = [sayValue(a), sayValue(b)]
  if (was.length + is.length <= LONG) return [`${what}  ${bad(was)} ${dim(`\u2192`)} ${good(is)}`]
  const [before, after] = apart(was, is)
  return [what, `      ${bad(`- ${short(before)}`)}`, `      ${good(`+ ${short(after)}`)}`]
}

function sayValue(value: Json | undefined): string {
  return value === undefined ? 'nothing' : oneLine(JSON.stringify(value))
}
