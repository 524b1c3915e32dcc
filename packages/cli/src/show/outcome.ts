import type { Outcome, RecordedError } from '@reprise/core'
import { bad, good, open } from './style.ts'
import { harmless, oneLine, quote } from './text.ts'
import { sayUsed } from './used.ts'
import { endWait, sayWaiting } from './waiting.ts'

/** How a run stands, with its whole output. */
export function sayOutcome(runId: string, outcome: Outcome): string[] {
  return [...say(oneLine(runId), harmless(outcome)), sayUsed(outcome.totals)]
}

function say(runId: string, outcome: Outcome): string[] {
  switch (outcome.kind) {
    case 'completed':
      return [`${runId} is ${good('completed')}:`, sayOutput(outcome.output)]
    case 'waiting':
      if (outcome.waiting.kind === 'interrupted')
        return [`${runId} was ${bad('interrupted')}: ${oneLine(outcome.waiting.error.message)}`]
      return [
        `${runId} ${open('waits')} ${oneLine(sayWaiting(outcome.waiting))}`,
        `Go on with: ${endWait(runId, outcome.waiting)}`,
      ]
    case 'cancelled':
      return [`${runId} was ${bad('cancelled')}: ${oneLine(outcome.reason)}`]
    case 'failed':
    case 'refused':
    case 'incomplete':
    case 'over-budget':
      return [
        `${runId} ended as ${bad(outcome.kind)}: ${oneLine(outcome.error.message)}`,
        ...(outcome.text ? [outcome.text] : []),
        ...sayRemedy(runId, outcome.error),
      ]
    default:
      return outcome satisfies never
  }
}

/** A fork that has done all that it may tells from where another may do more. */
function sayRemedy(runId: string, { code, details }: RecordedError): string[] {
  if (code !== 'effect_withheld') return []
  return [`Go on with: reprise fork ${quote(runId)} --at ${JSON.stringify(details?.['at'])} --live`]
}

/** Words as they are, anything else as JSON. */
function sayOutput(output: Extract<Outcome, { kind: 'completed' }>['output']): string {
  return typeof output === 'string' ? output : JSON.stringify(output, undefined, 2)
}
