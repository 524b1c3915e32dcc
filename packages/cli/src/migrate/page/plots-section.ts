// The figures: each a table whose rows have a plot, so that nobody needs eyes for it.
import type { AgentMigration, Figure, Migration } from '../migration.ts'
import { sayChange, sayFigure, sayMs, sayShare, sayUsd } from './figures.ts'
import { html, type Html, type Part } from './markup.ts'
import { barsPlot, intervalPlot, partsPlot, quantilesPlot } from './plots.ts'
import { axis, type Cell, table } from './table.ts'

/** All figures. */
export function figures(migration: Migration): Html {
  const { agents } = migration
  if (agents.length === 0) return html``
  return html`<section>
    <h2 id="figures">Figures</h2>
    ${shares(migration)} ${differences(migration)} ${wrongs(agents)} ${costs(migration)} ${latencies(migration)}
    ${coverages(agents)}
  </section> `
}

function shares({ agents, rule }: Migration): Html {
  const from = Math.min(rule.sameAtLeast, ...agents.map(({ share }) => share?.low ?? 1))
  const scale = { from: Math.max(0, Math.floor(10 * from - 1) / 10), to: 1 }
  const rows = agents.map(({ agent, share, runs }): Cell[] => {
    const words = share
      ? `${sayShare(share.estimate)}, from ${sayShare(share.low)} to ${sayShare(share.high)}`
      : 'unknown'
    return [
      { is: agent },
      { is: share ? intervalPlot(share, scale, rule.sameAtLeast, words) : '', kind: 'p' },
      { is: words },
      { is: `${runs.same} of ${runs.same + runs.changed + runs.parted}`, kind: 'n', name: 'Runs' },
    ]
  })
  const caption = `Runs that come out the same: the same calls with equal arguments, the same end, the same answer where a schema holds it. The dashed line is the ${sayShare(rule.sameAtLeast)} that are asked for.`
  const heads = [{ is: 'Agent' }, { is: 'Share, with its interval' }, { is: '' }, { is: 'Runs', kind: 'n' as const }]
  return html`<figure>
    <h3>Does it do the same?</h3>
    <div>${table(caption, heads, rows, axis(1, [sayShare(scale.from), sayShare(1)], 2))}</div>
  </figure>`
}

/** Ratios beyond these are drawn at the edge: their numbers stand beside. */
const LEAST = 0.1
const MOST = 10

function differences({ agents }: Migration): Html {
  const rows = agents.flatMap(({ agent, figures: all }) =>
    all.map((figure): Cell[] => [
      { is: agents.length > 1 ? html`${agent}: ${figure.what}` : figure.what },
      { is: ratioPlot(figure), kind: 'p' },
      {
        is: figure.ratio
          ? html`${sayChange(figure.ratio.estimate)}
              <span class="soft">(${sayChange(figure.ratio.low)} to ${sayChange(figure.ratio.high)})</span>`
          : 'unknown',
        name: 'Change',
      },
      {
        is: html`${sayFigure(figure.recorded, figure.unit)} &rarr; ${sayFigure(figure.candidate, figure.unit)}`,
        kind: 'n',
        name: 'A run',
      },
    ]),
  )
  const caption =
    'What a run of the candidate takes by what the recorded run took, over the runs that were compared to their ends. Left of the dashed line is less, right of it more; where the interval crosses the line, the difference may be chance.'
  const heads = [
    { is: 'What' },
    { is: 'Change, with its interval' },
    { is: '' },
    { is: 'Mean of a run', kind: 'n' as const },
  ]
  return html`<figure>
    <h3>What does a run take?</h3>
    <div>${table(caption, heads, rows, axis(1, ['a tenth', 'as much', 'ten times'], 2))}</div>
  </figure>`
}

/** On a scale of ratios, where half is as far from the middle as twice. */
function ratioPlot({ ratio, what }: Figure): Part {
  if (!ratio || ratio.estimate <= 0) return ''
  const place = (value: number) => Math.log(Math.min(MOST, Math.max(LEAST, value)))
  const scale = { from: Math.log(LEAST), to: Math.log(MOST) }
  const [low, high] = [ratio.low ?? ratio.estimate, ratio.high ?? ratio.estimate].map(place)
  return intervalPlot({ estimate: place(ratio.estimate), low, high }, scale, 0, `${what}: ${sayChange(ratio.estimate)}`)
}

function wrongs(agents: readonly AgentMigration[]): Html {
  const rows = agents.flatMap(({ agent, wrong }) =>
    wrong.map((one): Cell[] => [
      { is: agents.length > 1 ? html`${agent}: ${one.what}` : one.what },
      { is: one.recorded, kind: 'n', name: 'Recorded' },
      { is: one.candidate, kind: 'n', name: 'Candidate' },
      { is: sayChance(one.up, one.down, one.p) },
    ]),
  )
  const caption =
    'Counted over the runs that were compared to their ends. A call that a rule refuses is not done: the model is told so, and goes on. An answer is sent back that breaks the output schema or a check; an unusable call names no tool, or has arguments that its tool does not take.'
  const heads = [
    { is: 'What' },
    { is: 'Recorded', kind: 'n' as const },
    { is: 'Candidate', kind: 'n' as const },
    { is: 'May it be chance?' },
  ]
  return html`<figure>
    <h3>Are rules and checks broken?</h3>
    ${table(caption, heads, rows)}
  </figure>`
}

/** Below it a difference is called no chance. */
const UNLIKELY = 0.05

function sayChance(up: number, down: number, p: number): string {
  if (up + down === 0) return 'No run differs.'
  const split = `More of it in ${up} ${up === 1 ? 'run' : 'runs'}, less in ${down}`
  const often = p < 0.001 ? 'p < 0.001' : `p = ${Number(p.toPrecision(2))}`
  return `${split}: ${p < UNLIKELY ? 'unlikely to be chance' : 'that may be chance'} (${often}).`
}

const KEY = html`<ul class="key-of">
  <li>
    <svg width="14" height="12" aria-hidden="true"><rect class="swatch-recorded" width="14" height="12" rx="2" /></svg
    >recorded
  </li>
  <li>
    <svg width="14" height="12" aria-hidden="true"><rect class="swatch-candidate" width="14" height="12" rx="2" /></svg
    >candidate
  </li>
</ul> `

function costs({ agents, from, to }: Migration): Html {
  const most = Math.max(
    0,
    ...agents.flatMap(({ month: { perThousand } }) =>
      perThousand ? [perThousand.recorded, perThousand.candidate] : [],
    ),
  )
  const rows = agents.map(({ agent, month }): Cell[] => {
    const { perThousand, recorded, candidate } = month
    const thousand = perThousand ? `${sayUsd(perThousand.recorded)} \u2192 ${sayUsd(perThousand.candidate)}` : 'unknown'
    const range =
      candidate?.low == null || candidate.high == null ? '' : ` (${sayUsd(candidate.low)} to ${sayUsd(candidate.high)})`
    return [
      { is: agent },
      {
        is: perThousand && barsPlot(perThousand.recorded, perThousand.candidate, most, `A thousand runs: ${thousand}`),
        kind: 'p',
      },
      { is: thousand, name: 'A thousand runs' },
      {
        is: html`${sayUsd(recorded)} &rarr; ${sayUsd(candidate?.estimate)}${range}<br /><span class="soft"
            >${month.basis}</span
          >`,
        name: 'A month',
      },
    ]
  })
  const caption = `Money: what the replies were charged, on ${from.model} as recorded and on ${to.model} as the backtest was charged. A month is the use of the last 30 days, times the ratio of the two over the compared runs: it takes for granted that those runs are like the others, and as much is read from the prompt cache.`
  const heads = [{ is: 'Agent' }, { is: 'A thousand runs' }, { is: '' }, { is: 'A month' }]
  return html`<figure>
    <h3>What does it cost?</h3>
    ${KEY}${table(caption, heads, rows)}
  </figure>`
}

function latencies({ agents }: Migration): Html {
  const most = Math.max(1, ...agents.flatMap(({ latency }) => [latency.recorded.p95 ?? 0, latency.candidate.p95 ?? 0]))
  const rows = agents.map(({ agent, latency: { recorded, candidate } }): Cell[] => {
    const sides = [recorded, candidate].flatMap(({ p50, p95 }) =>
      p50 === undefined || p95 === undefined ? [] : [{ p50, p95 }],
    )
    const words = `median ${sayMs(recorded.p50)} \u2192 ${sayMs(candidate.p50)}, 95th percentile ${sayMs(recorded.p95)} \u2192 ${sayMs(candidate.p95)}`
    return [
      { is: agent },
      { is: sides.length === 2 && quantilesPlot(sides, most, words), kind: 'p' },
      { is: words },
      {
        is: `${recorded.replies.toLocaleString('en-US')}, ${candidate.replies.toLocaleString('en-US')}`,
        kind: 'n',
        name: 'Replies',
      },
    ]
  })
  const caption =
    'How long a reply takes: the dot is the median, the bar the 95th percentile. The recorded side has what the process did in between, too; the candidate was asked under the load of the backtest.'
  const heads = [
    { is: 'Agent' },
    { is: 'Median to 95th percentile' },
    { is: '' },
    { is: 'Replies', kind: 'n' as const },
  ]
  return html`<figure>
    <h3>How long does a reply take?</h3>
    ${KEY}${table(caption, heads, rows, axis(1, ['0', sayMs(most)], 2))}
  </figure>`
}

const PARTS = [
  ['same', 'came out the same'],
  ['changed', 'compared to the end, and changed'],
  ['parted', 'parted on the way'],
  ['failed', 'not answered'],
] as const

function coverages(agents: readonly AgentMigration[]): Html {
  const rows = agents.map(({ agent, runs, coverage }): Cell[] => {
    const words = PARTS.flatMap(([kind, name]) => (runs[kind] > 0 ? [`${runs[kind]} ${name}`] : [])).join(', ')
    return [
      { is: agent },
      {
        is: partsPlot(
          PARTS.map(([kind]) => ({ kind, value: runs[kind] })),
          words,
        ),
        kind: 'p',
      },
      { is: words },
      {
        is: `${coverage.turns.toLocaleString('en-US')} of ${coverage.of.toLocaleString('en-US')}`,
        kind: 'n',
        name: 'Turns covered',
      },
    ]
  })
  const caption =
    'Tools answer from what was recorded. Where the candidate wants what was never recorded, the comparison of that run ends there, and nothing beyond is scored.'
  const heads = [{ is: 'Agent' }, { is: 'Runs' }, { is: '' }, { is: 'Turns covered', kind: 'n' as const }]
  const key = PARTS.map(
    ([kind, name]) =>
      html`<li>
        <svg width="14" height="12" aria-hidden="true"><rect class="part ${kind}" width="14" height="12" rx="2" /></svg
        >${name}
      </li>`,
  )
  return html`<figure>
    <h3>How much could be compared?</h3>
    <ul class="key-of">
      ${key}
    </ul>
    ${table(caption, heads, rows)}
  </figure>`
}
