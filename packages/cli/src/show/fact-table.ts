import type { Fact } from '@reprise/core'
import { columns } from './columns.ts'
import { bold } from './style.ts'
import { harmless, shortJson } from './text.ts'
import { sayTime } from './time.ts'

/** Facts as a table. */
export function factTable(facts: readonly Fact[]): string[] {
  const head = ['KEY', 'MEMORY', 'SINCE', 'FROM', 'FACT'].map(bold)
  return columns([head, ...facts.map((fact) => cells(harmless(fact)))])
}

function cells({ key, memory, at, origin, value }: Fact): string[] {
  return [key, memory, sayTime(at), origin.kind === 'call' ? origin.runId : origin.by.id, shortJson(value)]
}
