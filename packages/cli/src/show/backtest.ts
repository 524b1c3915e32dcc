import {
  type BacktestFigure,
  type BacktestReport,
  type BacktestRun,
  type BacktestSummary,
  type CallChange,
  type ChangeKind,
  type FieldChange,
  formatUsd,
  type PairedFigure,
} from '@reprise/core'
import { columns } from './columns.ts'
import { bad, bold, dim, good, open } from './style.ts'
import { oneLine, shortJson } from './text.ts'
import { count } from './used.ts'

/** From what was recorded to what was tried. */
const ARROW = dim(`\u2192`)

/** How many examples of a change are shown. */
const EXAMPLES = 3

/** What came of a backtest, for a person. */
export function sayBacktest(report: BacktestReport): string[] {
  const { all, byAgent } = report
  const agents = Object.entries(byAgent)
  return [
    ...sayHead(report),
    ...sayChanges(report),
    ...(all.runs > 0 ? ['', bold('What it takes, a run'), ...sayFigures(all)] : []),
    ...(agents.length > 1
      ? ['', bold('By agent'), ...columns(agents.map(([agent, sums]) => sayAgent(agent, sums)))]
      : []),
    '',
    sayInWords(report),
  ]
}

function sayHead({ candidate, all, skipped, asked, partial }: BacktestReport): string[] {
  const model = candidate.model === null ? undefined : oneLine(candidate.model)
  const tried =
    candidate.texts === 'recorded'
      ? `${model ?? 'the recorded models'} with the recorded texts`
      : `other definitions, ${model === undefined ? 'each with its own model' : `all with ${model}`}`
  const why = Object.entries(skipped).map(([code, runs]) => `${oneLine(code)} ${runs}`)
  const money =
    asked.unpriced > 0
      ? `${formatUsd(asked.costNano)} and ${count(asked.unpriced, 'ask')} of unknown price`
      : formatUsd(asked.costNano)
  return [
    bold(`Backtest of ${tried}: ${count(all.runs, 'run')}`),
    `  ${good(`same ${all.same}`)}   ${warned('changed', all.changed)}   ${warned('parted', all.parted)}   ${all.failed > 0 ? bad(`failed ${all.failed}`) : 'failed 0'}` +
      (why.length > 0 ? `   ${dim(`skipped: ${why.join(', ')}`)}` : ''),
    `  covered ${all.coverage.turns} of ${count(all.coverage.of, 'recorded turn')}; asked ${count(asked.asks, 'time')}, ${money}` +
      (asked.reused > 0 ? `; ${count(asked.reused, 'reply', 'replies')} stood in the results` : ''),
    ...(partial ? [bad(`  ${count(partial.left, 'run')} left: ${oneLine(partial.problem.message)}`)] : []),
  ]
}

function warned(what: string, runs: number): string {
  return runs > 0 ? open(`${what} ${runs}`) : `${what} 0`
}

/** What is said of each kind of change. */
const KINDS: { readonly [K in ChangeKind]: string } = {
  parted: 'Wanted what is not recorded',
  arguments: 'Other arguments',
  added: 'Calls that were added',
  'left out': 'Calls that were left out',
  rules: 'Rules that judged otherwise',
  unusable: 'Calls that can be run on one side alone',
  answer: 'Other answers',
  end: 'Other ends',
}

function sayChanges({ runs, all }: BacktestReport): string[] {
  const worst = runs.toSorted((one, other) => weightOf(other) - weightOf(one))
  // The table has all kinds.
  const kinds = Object.keys(KINDS) as ChangeKind[]
  const said = kinds.flatMap((kind) => {
    if (all.changes[kind] === 0) return []
    const examples = worst.flatMap((run) => sayExample(run, kind) ?? []).slice(0, EXAMPLES)
    return [`  ${KINDS[kind]}: ${count(all.changes[kind], 'run')}`, ...examples.map((line) => `    ${line}`)]
  })
  const failed = runs.filter(({ status }) => status === 'failed').slice(0, EXAMPLES)
  const failures = failed.map(({ runId, problem }) => `    ${oneLine(runId)}  ${oneLine(problem?.message ?? '')}`)
  const lines = [...said, ...(failures.length > 0 ? ['  No answer of the model', ...failures] : [])]
  return lines.length > 0 ? ['', bold('What is different'), ...lines] : []
}

/** How much of a run is different. */
function weightOf({ calls, end }: BacktestRun): number {
  return calls.changes.length + (end && !end.same ? 2 : 0) + (end?.changes.length ?? 0) / 10
}

function sayExample(run: BacktestRun, kind: ChangeKind): string | undefined {
  const { runId, parted, calls, end, recorded, candidate } = run
  const id = oneLine(runId)
  if (kind === 'parted')
    return parted
      ? `${id}  ${oneLine(parted.candidate)} (${parted.why}); recorded: ${oneLine(parted.recorded)}`
      : undefined
  if (kind === 'end') {
    if (!end || end.same) return undefined
    return `${id}  ${recorded.outcome.kind} ${ARROW} ${candidate.outcome.kind}`
  }
  if (kind === 'answer')
    return end && end.changes.length > 0 ? `${id}  ${end.changes.map(sayField).join(', ')}` : undefined
  const change = calls.changes.find((other) => other.kind === kind)
  return change && `${id}  ${sayCall(change)}`
}

function sayCall(change: CallChange): string {
  const tool = oneLine(change.tool)
  switch (change.kind) {
    case 'arguments':
      return `${tool}: ${change.fields.map(sayField).join(', ')}`
    case 'rules':
      return `${tool}: refused ${change.refused === 'candidate' ? 'now' : 'in the recording alone'}`
    case 'unusable':
      return `${tool}: ${change.unusable === 'candidate' ? 'cannot be run now' : 'could not be run in the recording alone'}`
    case 'added':
    case 'left out':
      return `${tool} ${shortJson(change.arguments)}`
    default:
      return change satisfies never
  }
}

function sayField({ path, recorded, candidate }: FieldChange): string {
  const say = (value: unknown): string => (value === undefined ? 'absent' : shortJson(value))
  return `${oneLine(path) || 'the whole'} ${say(recorded)} ${ARROW} ${say(candidate)}`
}

/** The figures that are shown, and how. */
const FIGURES: readonly (readonly [name: string, figure: BacktestFigure, say: (value: number) => string])[] = [
  ['cost', 'costNano', (nano) => formatUsd(nano)],
  ['turns', 'turns', (value) => value.toFixed(1)],
  ['calls', 'calls', (value) => value.toFixed(1)],
  ['tokens in', 'inputTokens', (value) => Math.round(value).toLocaleString('en-US')],
  ['tokens out', 'outputTokens', (value) => Math.round(value).toLocaleString('en-US')],
  ['rules broken', 'refused', (value) => value.toFixed(2)],
  ['answers sent back', 'sentBack', (value) => value.toFixed(2)],
  ['unusable calls', 'unusable', (value) => value.toFixed(2)],
]

function sayFigures({ figures, latency, unpriced }: BacktestSummary): string[] {
  const rows = FIGURES.flatMap(([name, figure, say]) => {
    const { recorded, candidate, ratio, chance } = figures[figure]
    if (recorded === undefined || candidate === undefined) return []
    const change = ratio ? sayRatio(ratio) : ''
    return [[`  ${name}`, `${say(recorded)} ${ARROW} ${say(candidate)}`, change, sayChance(chance)]]
  })
  const { recorded, candidate } = latency
  const times = (['p50', 'p95'] as const).flatMap((share) => {
    const [was, is] = [recorded[share], candidate[share]]
    return was === undefined || is === undefined
      ? []
      : [[`  reply ${share}`, `${sayMs(was)} ${ARROW} ${sayMs(is)}`, '', '']]
  })
  const unknown =
    unpriced.recorded + unpriced.candidate > 0
      ? [dim(`  cost without ${unpriced.recorded} recorded and ${unpriced.candidate} tried runs of unknown price`)]
      : []
  return [...columns([...rows, ...times]), ...unknown]
}

function sayRatio({ estimate, low, high }: NonNullable<PairedFigure['ratio']>): string {
  const percent = (value: number): string => `${value >= 1 ? '+' : ''}${((value - 1) * 100).toFixed(0)} %`
  const range = low === undefined || high === undefined ? '' : ` (${percent(low)} to ${percent(high)})`
  return `${percent(estimate)}${range}`
}

function sayChance({ p, up, down, runsNeeded }: PairedFigure['chance']): string {
  if (up + down === 0) return dim('no difference')
  const sure = p < 0.0001 ? 'p < 0.0001' : `p ${p.toPrecision(2)}`
  return runsNeeded === null ? dim(sure) : dim(`${sure}, may be chance: ${count(runsNeeded, 'run')} would show it`)
}

function sayMs(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}

function sayAgent(agent: string, { runs, same, changed, parted, figures }: BacktestSummary): string[] {
  const { ratio } = figures.costNano
  const money = ratio ? `cost ${sayRatio(ratio)}` : ''
  return [`  ${oneLine(agent)}`, count(runs, 'run'), `same ${same}`, `changed ${changed}`, `parted ${parted}`, money]
}

/** The whole in a few sentences. */
function sayInWords({ all }: BacktestReport): string {
  const compared = all.same + all.changed + all.parted
  if (compared === 0) return 'Nothing was compared: no run fits, or none could be backtested.'
  const { costNano } = all.figures
  const share =
    all.share?.low === undefined
      ? ''
      : `, between ${sayShare(all.share.low)} and ${sayShare(all.share.high)} of all like these`
  const money = costNano.runs > 0 ? ` ${costNano.chance.words}` : ''
  const reworded =
    all.reworded > 0
      ? ` In ${count(all.reworded, 'run')} the words of the answer differ; only a judge can say what that means.`
      : ''
  return `It did the same in ${all.same} of ${count(compared, 'run')}${share}.${reworded}${money}`
}

function sayShare(share: number | undefined): string {
  return `${Math.round((share ?? 1) * 100)} %`
}
