import { InvalidArgumentError, Option } from 'commander'

/** The option `--budget-usd`: dollars above 0. */
export function budgetOption(): Option {
  return new Option('--budget-usd <dollars>', 'the most that all asks may cost together').argParser(readDollars)
}

function readDollars(text: string): number {
  const dollars = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && dollars > 0) return dollars
  throw new InvalidArgumentError('It must be dollars, above 0: 5 or 0.25.')
}
