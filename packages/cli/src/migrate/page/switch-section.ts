// Switching over: what a canary would have to show, and the runs that are open.
import { CANARY_SHARES } from '../canary.ts'
import type { Migration } from '../migration.ts'
import { sayCount, sayDay, sayShare } from './figures.ts'
import { html, type Html, type Part } from './markup.ts'
import { type Cell, table } from './table.ts'

/** What to look at while agents move. */
export function switching(migration: Migration): Html {
  return html`<section>
    <h2 id="switch">Switching over</h2>
    ${canaries(migration)}${openRuns(migration)}
  </section>`
}

function openRuns({ open, from, to }: Migration): Part {
  if (open.length === 0) return ''
  const groups = Map.groupBy(open, ({ definition, agent, onChange, status }) =>
    JSON.stringify([`${definition.kind} ${definition.name} ${definition.version}`, agent, onChange, status]),
  )
  const rows = [...groups.values()].map((runs): Cell[] => {
    const [first] = runs
    const named = runs.slice(0, 3).map(({ id }) => html`<code>${id}</code> `)
    const oldest = Math.min(...runs.map(({ createdAt }) => createdAt))
    return [
      {
        is:
          first &&
          `${first.definition.kind} ${first.definition.name} ${first.definition.version}${first.agent === first.definition.name ? '' : `, at ${first.agent}`}`,
      },
      { is: runs.length, kind: 'n', name: 'Runs' },
      { is: first?.status, name: 'Status' },
      { is: sayDay(oldest), name: 'Oldest' },
      { is: first && FATES[first.onChange](to.model, from.model), name: 'What becomes of it' },
      { is: html`${named}${runs.length > 3 && 'and others'}`, name: 'Which' },
    ]
  })
  const heads = [
    { is: 'Definition' },
    { is: 'Runs', kind: 'n' as const },
    { is: 'Status' },
    { is: 'Oldest' },
    { is: 'What becomes of it' },
    { is: 'Which' },
  ]
  return html`<h3 id="open">Open runs</h3>
    ${table(`Runs that have not ended and recorded ${from.model}.`, heads, rows)}`
}

const FATES = {
  pin: (_to: string, from: string) => `goes on with ${from} (pin)`,
  adopt: (to: string) => `takes ${to} when it is taken up next (adopt)`,
  stop: () => 'stops, and is left as it is (stop)',
  unregistered: () => 'waits: no definition of the config has its name',
} as const

function canaries({ agents, from }: Migration): Part {
  const rows = agents.flatMap(({ agent, canary }) =>
    canary.losses.map(({ loss, runs, days }): Cell[] => [
      { is: agent },
      { is: `${sayShare(loss).replace(/\D+$/, '')} points`, name: 'A loss of' },
      { is: runs === null ? 'unknown' : runs.toLocaleString('en-US'), kind: 'n', name: 'Runs on each model' },
      ...days.map((day, at): Cell => ({
        is:
          day === null ? 'unknown' : `${sayCount(day, 'day')}${day > (from.daysLeft ?? Infinity) ? ', too long' : ''}`,
        kind: 'n',
        name: `At ${sayShare(CANARY_SHARES[at])} of the traffic`,
      })),
    ]),
  )
  if (rows.length === 0) return ''
  const well = agents.map(({ agent, canary }) => {
    const pace =
      canary.runsPerDay === null
        ? 'an unknown number of runs a day'
        : `${canary.runsPerDay.toLocaleString('en-US', { maximumFractionDigits: 1 })} runs a day`
    return `${agent}: ${sayShare(canary.well)} of the recorded runs were well, at ${pace}.`
  })
  const heads = [
    { is: 'Agent' },
    { is: 'A loss of' },
    { is: 'Runs on each model', kind: 'n' as const },
    ...CANARY_SHARES.map((share) => ({ is: `At ${sayShare(share)} of the traffic`, kind: 'n' as const })),
  ]
  return html`<h3 id="canary">What a canary would have to show</h3>
    <p>
      A backtest knows only what was recorded. Give a part of the traffic to the new model and count the runs that are
      well: completed, with no rule, schema or check broken. ${well.join(' ')}
    </p>
    ${table('How many runs it takes to see a loss of so many points in four cases of five, with a false alarm once in twenty. Too long is what takes longer than the old model is there.', heads, rows)}`
}
