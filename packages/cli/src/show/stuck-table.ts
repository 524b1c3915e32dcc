import type { StuckRun } from '@reprise/core'
import { columns } from './columns.ts'
import { bold } from './style.ts'
import { harmless } from './text.ts'

/** Runs that could not be worked: why, and what to do, below each. */
export function stuckTable(stuck: readonly StuckRun[]): string[] {
  const head = ['RUN', 'DEFINITION', 'WHY'].map(bold)
  const [first = '', ...rows] = columns([head, ...stuck.map(cells)])
  return [first, ...rows.flatMap((row, at) => [row, ...told(stuck[at])])]
}

function cells({ run, why }: StuckRun): string[] {
  const { id, kind, name, version } = harmless(run)
  return [id, `${kind} ${name} ${version}`, why]
}

function told(stuck: StuckRun | undefined): string[] {
  if (!stuck) return []
  const { reason, remedy } = harmless({ reason: stuck.reason, remedy: stuck.remedy })
  return [`  ${reason}`, `  ${remedy}`]
}
