import { showMoney } from './money.ts'
import type { Reading, Statement } from './statement.ts'

/** What is wrong with what a reader made of a file; none is trusted that anything is wrong with. */
export function problemsOf(file: string, { file: read, statement, problem }: Reading): string[] {
  if (!statement) return [problem ?? 'There is said to be no statement in it.']
  const wrongFile = read === file ? [] : [`It was read from ${JSON.stringify(read)}.`]
  return [...wrongFile, ...problemsIn(statement)]
}

/** What does not add up in a statement. */
export function problemsIn({ lines, period, currency, totalMinor }: Statement): string[] {
  const sum = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
  const outside = lines.filter(({ date }) => date < period.from || date > period.to).length
  return [
    ...(sum === totalMinor
      ? []
      : [`The lines come to ${showMoney(sum, currency)}, and the total is ${showMoney(totalMinor, currency)}.`]),
    ...(outside === 0
      ? []
      : [`${outside} of ${lines.length} lines are dated outside of ${period.from} to ${period.to}.`]),
  ]
}
