import { parseDuration } from '@reprise/core'
import { InvalidArgumentError } from 'commander'

/** Reads how long ago something must have been, in milliseconds. */
export function readAge(text: string): number {
  const age = parseDuration(text)
  if (age === undefined) throw new InvalidArgumentError('It must be 90s, 30m, 24h, 7d or 2w.')
  return age
}
