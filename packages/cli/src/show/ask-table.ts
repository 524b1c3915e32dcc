import type { Ask } from '@reprise/core'
import { columns } from './columns.ts'
import { bold } from './style.ts'
import { harmless, quote, short } from './text.ts'
import { sayTime, saySpan } from './time.ts'

/** What people are asked: what for, and what somebody can type, below each. */
export function askTable(asks: readonly Ask[]): string[] {
  const head = ['RUN', 'AGENT', 'CALL', 'AGE', 'UNTIL', 'WHAT'].map(bold)
  const told = asks.map((ask) => harmless(ask))
  const [first = '', ...rows] = columns([head, ...told.map(cells)])
  return [first, ...rows.flatMap((row, at) => [row, ...below(told[at])])]
}

function cells({ runId, agent, tool, arguments: given, ageMs, until, kind, approvers, by }: Ask): string[] {
  const eyes = approvers > 1 ? ` (${by.length} of ${approvers}${by.length > 0 ? `: ${by.join(', ')}` : ''})` : ''
  const what = kind === 'approval' ? `may it run${eyes}` : 'what is the answer'
  const call = `${tool} ${short(JSON.stringify(given))}`
  return [runId, agent ?? '', call, saySpan(ageMs), until === null ? '' : sayTime(until), what]
}

function below(ask: Ask | undefined): string[] {
  if (!ask) return []
  const { kind, runId, id, parents } = ask
  const of = parents.length > 0 ? [`  child of ${parents.join(', child of ')}`] : []
  const typed =
    kind === 'approval'
      ? `reprise approve ${quote(runId)} ${quote(id)} --by NAME (or reject)`
      : `reprise answer ${quote(id)} VALUE --by NAME`
  return [...of, `  ${typed}`]
}
