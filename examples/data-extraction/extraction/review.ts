import { defineSignal } from '@reprise/core'
import { z } from 'zod'
import { type Extracted, isOpen } from './extracted.ts'
import { problemsIn } from './problems.ts'
import { Statement } from './statement.ts'

const Verdict = z.discriminatedUnion('kind', [
  /** As it was read; where there is no statement, it is left out. */
  z.object({ kind: z.literal('accept'), file: z.string() }),
  z.object({ kind: z.literal('correct'), file: z.string(), statement: Statement }),
  /** Reads all files again that failed. */
  z.object({ kind: z.literal('again') }),
])

/** What a person says of a file. */
export type Verdict = z.infer<typeof Verdict>

/** How a person tells the workflow. */
export const review = defineSignal({ name: 'review', payload: Verdict })

/** Settles a file by what a person says of it; one that is settled stays so, and what does not add up settles nothing. */
export function settle(extracted: Extracted, verdict: Exclude<Verdict, { kind: 'again' }>): Extracted {
  if (extracted.file !== verdict.file || !isOpen(extracted)) return extracted
  if (verdict.kind === 'accept') return { ...extracted, status: 'accepted' }
  const { statement } = verdict
  return problemsIn(statement).length === 0 ? { ...extracted, status: 'corrected', statement } : extracted
}
