// The report as a terminal shows it: the verdicts, why, and where to read on.
import { formatUsd } from '@reprise/core'
import { sayEnd } from '../../models/known-model.ts'
import { columns } from '../../show/columns.ts'
import { bad, bold, dim, good, open as waiting } from '../../show/style.ts'
import { oneLine } from '../../show/text.ts'
import { count } from '../../show/used.ts'
import type { AgentMigration, Migration } from '../migration.ts'
import { VERDICTS } from '../page/head.ts'
import { sayChange, sayMs, sayShare, sayUsd } from '../page/figures.ts'

const STYLES = { go: good, 'no-go': bad, 'not-enough': waiting } as const

/** The most examples of an agent. */
const EXAMPLES = 3

/** A report in lines. */
export function sayMigration(migration: Migration): string[] {
  const { from, to, recordings, agents, open, asked } = migration
  const unpriced = asked.unpriced > 0 ? ` and ${count(asked.unpriced, 'ask')} of unknown price` : ''
  return [
    bold(oneLine(`From ${from.model} to ${to.model}`)),
    oneLine(
      `${from.model} ends: ${sayEnd(from)}. ${count(recordings.tried, 'run')} of ${recordings.found} asked again.`,
    ),
    ...recordings.left.map(({ why, runs }) => dim(`  ${oneLine(`${count(runs, 'run')}: ${why}`)}`)),
    ...(agents.length === 0 ? ['No recorded run could be asked again.'] : []),
    ...agents.flatMap((agent) => ['', ...sayAgent(agent)]),
    '',
    `${count(open.length, 'open run')} will still ask for ${oneLine(from.model)}.`,
    dim(`The backtest made ${count(asked.asks, 'ask')}, for ${formatUsd(asked.costNano)}${unpriced}.`),
  ]
}

function sayAgent({
  agent,
  verdict,
  share,
  figures,
  latency,
  month,
  wrong,
  coverage,
  examples,
}: AgentMigration): string[] {
  const ratio = figures.find(({ unit }) => unit === 'usd')?.ratio?.estimate
  const broken = wrong.filter(({ recorded, candidate }) => recorded + candidate > 0)
  const facts = [
    [
      'the same',
      share ? `${sayShare(share.estimate)} of runs, ${sayShare(share.low)} to ${sayShare(share.high)}` : 'unknown',
    ],
    ['covered', `${coverage.turns} of ${count(coverage.of, 'turn')}`],
    ...broken.map(({ what, recorded, candidate }) => [
      'wrong',
      `${what}: ${recorded} recorded, ${candidate} by the candidate`,
    ]),
    ['cost', `${sayChange(ratio)}; ${sayMonth(month)}`],
    [
      'latency',
      `median ${sayMs(latency.recorded.p50)}, then ${sayMs(latency.candidate.p50)}; p95 ${sayMs(latency.recorded.p95)}, then ${sayMs(latency.candidate.p95)}`,
    ],
  ]
  const shown = examples.slice(0, EXAMPLES)
  const rest = examples.length - shown.length
  return [
    `${bold(oneLine(agent))}  ${STYLES[verdict.kind](VERDICTS[verdict.kind])}`,
    ...verdict.why.map((why) => `  ${oneLine(why)}`),
    ...columns(facts.map(([name = '', value = '']) => [`  ${dim(name)}`, oneLine(value)])),
    ...shown.map(({ runId, changes }) => `  ${dim('for one')}  ${oneLine(runId)}: ${oneLine(changes[0]?.what ?? '')}`),
    ...(rest > 0 ? [dim(`  and ${count(rest, 'run')} more that changed`)] : []),
  ]
}

/** Where it is not known, why. */
function sayMonth({ recorded, candidate, basis }: AgentMigration['month']): string {
  if (recorded === null) return `a month unknown: ${basis}`
  return `a month ${sayUsd(recorded)}, then ${sayUsd(candidate?.estimate)}`
}
