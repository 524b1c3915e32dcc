import type { RunStatus } from '@reprise/core'
import { columns } from '../show/columns.ts'
import { bad, bold, dim } from '../show/style.ts'
import { oneLine } from '../show/text.ts'
import { count, sayUsed } from '../show/used.ts'
import type { DefinedAgent } from './agents-of.ts'
import type { ModelUse, OpenRun } from './in-use.ts'
import { type KnownModel, sayEnd } from './known-model.ts'

/** Within so many days an end is shown as what went wrong. */
const SOON_DAYS = 90

/** How many runs are named before the others are counted. */
const NAMED = 5

/** What is known of models as a table. */
export function modelTable(models: readonly KnownModel[]): string[] {
  const head = ['MODEL', 'CONTEXT', 'OUTPUT', 'IN', 'CACHED', 'OUT', 'ENDS', 'REPLACEMENT'].map(bold)
  return columns([head, ...models.map(cells)])
}

function cells(known: KnownModel): string[] {
  const { model, contextTokens, inputTokens, outputTokens, price, replacement, daysLeft } = known
  const end = sayEnd(known)
  return [
    oneLine(model),
    contextTokens === null && inputTokens !== null ? `${tokens(inputTokens)} in` : tokens(contextTokens),
    tokens(outputTokens),
    dollars(price?.inputUsd),
    dollars(price?.cachedUsd),
    dollars(price?.outputUsd),
    daysLeft !== null && daysLeft <= SOON_DAYS ? bad(end) : end,
    oneLine(replacement ?? 'unknown'),
  ]
}

function tokens(number: number | null): string {
  return number === null ? 'unknown' : number.toLocaleString('en-US')
}

function dollars(usd: number | undefined): string {
  return usd === undefined ? 'unknown' : `$${usd}`
}

/** Who uses a model. */
export function sayUse({ model, definitions, open, recent }: ModelUse, inUse: boolean): string[] {
  const heading = bold(oneLine(model))
  const defined = ['definitions', definitions.length > 0 ? definitions.map(definition).join(', ') : 'none']
  if (!inUse) return [heading, ...rows([defined])]
  const lately = `${count(recent.runs, 'run')}: ${sayUsed(recent.used).replace(/, \d[\d,]* calls?/, '')}`
  return [heading, ...rows([defined, ['open runs', sayOpen(open)], ['lately', recent.runs > 0 ? lately : 'not used']])]
}

function rows(table: readonly (readonly string[])[]): string[] {
  return columns(table.map(([name = '', value = '']) => [`  ${dim(name)}`, value]))
}

function definition({ definition: { kind, name, version }, agent }: DefinedAgent): string {
  return `${kind} ${name} ${version}${agent === name ? '' : ` (${agent})`}`
}

function sayOpen(open: readonly OpenRun[]): string {
  if (open.length === 0) return 'none'
  const byStatus = Map.groupBy(open, ({ status }) => status)
  const counts = [...byStatus].map(([status, runs]: [RunStatus, readonly OpenRun[]]) => `${runs.length} ${status}`)
  const named = open.slice(0, NAMED).map(({ id }) => oneLine(id))
  const more = open.length > NAMED ? `, and ${open.length - NAMED} more` : ''
  return `${counts.join(', ')}: ${named.join(', ')}${more}`
}
