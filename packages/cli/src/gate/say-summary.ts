import type { CauseGroup, DifferenceGroup, ReplayProblem, ReplaySummary } from '@reprise/core'
import { sayChange } from '../show/replay.ts'
import { bad, bold, dim, good } from '../show/style.ts'
import { harmless, oneLine } from '../show/text.ts'
import { count } from '../show/used.ts'

/** A run that would break, and why. */
export interface Broken {
  readonly runId: string
  readonly problem: ReplayProblem
}

/** The most runs that are named one by one. */
export const MOST_NAMED = 20

/** What many replays found, for a person: what a deploy would break first. */
export function saySummary(summary: ReplaySummary, broken: readonly Broken[]): string[] {
  const { answers } = summary
  return [
    ...sayInFlight(summary, broken),
    '',
    ...sayAnswers(summary),
    ...answers.differences.flatMap((group) => sayGroup(harmless(group))),
    '',
    sayCounts(summary),
  ]
}

function sayInFlight({ inFlight }: ReplaySummary, broken: readonly Broken[]): string[] {
  if (inFlight.runs === 0) return [bold('In flight: no runs.')]
  if (inFlight.broken === 0)
    return [
      `${bold('In flight:')} ${good(inFlight.runs === 1 ? 'the run would go on.' : `all ${count(inFlight.runs, 'run')} would go on.`)}`,
    ]
  const more = inFlight.broken - broken.length
  return [
    `${bold('In flight:')} ${bad(`${inFlight.broken} of ${count(inFlight.runs, 'run')} would break.`)}`,
    ...broken.flatMap(({ runId, problem }) => [
      `  ${oneLine(runId)}  likely: ${oneLine(problem.cause.said)}`,
      `    ${dim(oneLine(problem.message))}`,
    ]),
    ...(more > 0 ? [`  and ${more.toLocaleString('en-US')} more; --json names each.`] : []),
  ]
}

function sayAnswers({ runs, answers }: ReplaySummary): string[] {
  const { diverged, failed, different } = answers
  if (runs === 0) return [bold('Answers: no runs.')]
  if (diverged + failed + different === 0)
    return [
      `${bold('Answers:')} ${good(runs === 1 ? 'the run goes the same way.' : `all ${count(runs, 'run')} go the same way.`)}`,
    ]
  return [
    `${bold('Answers:')} ${count(diverged, 'run')} would go another way, ${failed} could not be replayed, ${different} with changed texts.`,
    ...answers.causes.flatMap(sayCause),
  ]
}

function sayCause({ definition, cause, runs, example }: CauseGroup): string[] {
  return [
    `  ${count(runs, 'run')} of ${definition.kind} ${oneLine(definition.name)}, likely: ${oneLine(cause.said)}`,
    `    ${dim(`${oneLine(example.runId)}: ${oneLine(example.message)}`)}`,
  ]
}

function sayGroup({ agent, field, change, runs, inFlight, example }: DifferenceGroup): string[] {
  const flying = inFlight > 0 ? `, ${inFlight} in flight` : ''
  const where = ` in ${count(runs, 'run')}${flying}, such as ${oneLine(example)}`
  if (change) return sayChange({ agent, field, ...change }, where)
  return ['', `${bold(oneLine(`Changed: the ${field} of ${agent}`))}, otherwise in each,${where}.`]
}

function sayCounts({ runs, leftOut, inFlight, answers }: ReplaySummary): string {
  const left = leftOut > 0 ? `; ${leftOut.toLocaleString('en-US')} erased or deleted left out` : ''
  if (runs === 0) return `No run fits, so nothing was looked at${left}.`
  const ended = runs - inFlight.runs
  return `${answers.matched} of ${count(runs, 'run')} matched: ${ended.toLocaleString('en-US')} had ended, ${inFlight.runs.toLocaleString('en-US')} in flight${left}.`
}
