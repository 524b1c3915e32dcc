import { z } from 'zod'

const Day = z.iso.date()

const Line = z.object({
  date: Day,
  description: z.string().trim().min(1),
  amountMinor: z.int().describe('In the minor unit of the currency: 12.50 EUR is 1250, 500 JPY is 500.'),
})

/** A statement as it stands in a file. */
export const Statement = z.object({
  vendor: z.string().trim().min(1).describe('Who sends the statement, as the file writes it.'),
  period: z.object({ from: Day, to: Day }),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be three capital letters, such as EUR')
    .describe('Three letters, such as EUR.'),
  lines: z.array(Line).min(1).describe('Every movement, in the order of the file; no totals and no balances.'),
  totalMinor: z.int().describe('The total as the file says it, in the minor unit: never one of your own.'),
})

/** A statement as it stands in a file. */
export type Statement = z.infer<typeof Statement>

/** What a reader made of a file. */
export const Reading = z.object({
  file: z.string().describe('The path of the file that was read.'),
  statement: Statement.nullable().describe('Null if the file holds no statement.'),
  problem: z.string().nullable().describe('Why there is no statement; null if there is one.'),
})

/** What a reader made of a file. */
export type Reading = z.infer<typeof Reading>
