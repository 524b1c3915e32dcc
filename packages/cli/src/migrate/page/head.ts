// The first screen: what a manager must know.
import { sayEnd } from '../../models/known-model.ts'
import type { AgentMigration, Migration } from '../migration.ts'
import { sayCount, sayDay, sayMs, sayShare, sayUsd } from './figures.ts'
import { html, type Html, type Part } from './markup.ts'

/** A verdict in the words of the page. */
export const VERDICTS = { go: 'GO', 'no-go': 'NO-GO', 'not-enough': 'NOT ENOUGH EVIDENCE' } as const

/** The answer: what is to be replaced, by when, and which agent may go. */
export function head(migration: Migration): Html {
  const { from, to, madeAt, recordings, agents, rule, open } = migration
  const when = recordings.since === null ? '' : ` since ${sayDay(recordings.since)}`
  return html`<header>
      <h1>From ${from.model} to ${to.model}</h1>
      <p class="soft">
        Made on ${sayDay(madeAt)} from ${sayCount(recordings.tried, 'recorded run')}${when}, asked again of ${to.model}.
        No tool acted on the world.
      </p>
    </header>
    <p class="lead">${summary(migration)}</p>
    <p>
      ${deadline(migration)}${open.length > 0 && html` <a href="#open">${sayCount(open.length, 'open run')}</a> will still ask for ${from.model}.`}
    </p>
    <section class="agents" aria-label="Verdicts">${agents.map((agent) => card(agent, rule.confidence))}</section> `
}

function summary({ agents, to, from }: Migration): string {
  if (agents.length === 0) return `No recorded run could be asked again: nothing is known of ${to.model} here.`
  const count = (kind: AgentMigration['verdict']['kind']) =>
    agents.filter(({ verdict }) => verdict.kind === kind).length
  const [go, stop] = [count('go'), count('no-go')]
  const whole = agents.length === 1 ? `The agent ${agents[0]?.agent ?? ''}` : `All ${agents.length} agents`
  if (go === agents.length) return `${whole} can move from ${from.model} to ${to.model}.`
  if (stop === agents.length)
    return `${agents.length === 1 ? whole : `None of the ${agents.length} agents`} ${agents.length === 1 ? 'cannot' : 'can'} move to ${to.model} as it is.`
  if (agents.length === 1) return `${whole}: there is not enough evidence yet for a move to ${to.model}.`
  const rest = agents.length - go - stop
  const parts = [
    `${go === 0 ? 'None' : go} of ${agents.length} agents can move to ${to.model}${go === 0 ? ' yet' : ''}`,
    ...(stop > 0 ? [`${stop} cannot as it is`] : []),
    ...(rest > 0 ? [`${rest} ${rest === 1 ? 'needs' : 'need'} more evidence`] : []),
  ]
  return `${parts.join(', ')}.`
}

function deadline({ from, to }: Migration): Part {
  if (from.retires === null) return `When ${from.model} ends is not known.`
  const named =
    from.replacement === null
      ? ''
      : from.replacement === to.model
        ? ` ${to.model} is the replacement that its service names.`
        : ` Its service names ${from.replacement} in its place.`
  return html`<strong>${from.model} ends on ${sayEnd(from)}.</strong>${named}`
}

function card(agent: AgentMigration, confidence: number): Html {
  const { verdict } = agent
  return html`<article class="agent ${verdict.kind}">
    <header>
      <h2>${agent.agent}</h2>
      <span class="badge">${VERDICTS[verdict.kind]}</span>
    </header>
    ${verdict.why.map((why) => html`<p>${why}</p>`)}
    <dl class="key">
      ${keyFigures(agent, confidence).map(
        ([name, value, more]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}<small>${more}</small></dd>
          </div> `,
      )}
    </dl>
  </article> `
}

function keyFigures(
  { share, month, latency, wrong, runs, coverage }: AgentMigration,
  confidence: number,
): readonly (readonly [string, Part, Part])[] {
  const sum = (side: 'recorded' | 'candidate') => wrong.reduce((total, one) => total + one[side], 0)
  const monthly = month.recorded !== null && month.candidate !== null
  const cost = monthly
    ? ([month.recorded, month.candidate?.estimate ?? null, 'a month'] as const)
    : ([month.perThousand?.recorded ?? null, month.perThousand?.candidate ?? null, 'a thousand runs'] as const)
  return [
    [
      'Same outcome',
      share ? sayShare(share.estimate) : 'unknown',
      share ? `${sayShare(share.low)} to ${sayShare(share.high)} at ${sayShare(confidence)}` : 'none was compared',
    ],
    ['Rules, checks broken', html`${sum('recorded')} &rarr; ${sum('candidate')}`, html`recorded &rarr; candidate`],
    [
      `Dollars ${cost[2]}`,
      html`${sayUsd(cost[0])} &rarr; ${sayUsd(cost[1])}`,
      monthly ? 'as used in the last 30 days' : 'over the runs compared',
    ],
    [
      'Slow replies (p95)',
      html`${sayMs(latency.recorded.p95)} &rarr; ${sayMs(latency.candidate.p95)}`,
      html`median ${sayMs(latency.recorded.p50)} &rarr; ${sayMs(latency.candidate.p50)}`,
    ],
    [
      'Covered',
      sayShare(coverage.of === 0 ? null : coverage.turns / coverage.of),
      `of the turns of ${sayCount(runs.of, 'run')}`,
    ],
  ]
}
