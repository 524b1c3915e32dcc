import { parseDuration, type QueueingOptions } from '@reprise/core'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { wholeNumber } from './command.ts'
import { isDated } from './since.ts'

/** How a run is queued, and whose it is. */
export interface QueueingFlags {
  readonly at?: number
  readonly delay?: number
  readonly priority?: number
  readonly concurrencyKey?: string
  readonly concurrencyLimit?: number
  readonly expire?: number
  readonly deadline?: number
  readonly tenant?: string
  readonly user?: string
}

/** The options by which a command says how a run is queued, and whose it is. */
export function queueingOptions(): readonly Option[] {
  return [
    new Option('--at <time>', 'no worker takes it before: 2026-12-24, or 2026-12-24T08:00Z')
      .argParser(readMoment)
      .conflicts('delay'),
    new Option('--delay <time>', 'the same, so long from now: 90s, 30m, 24h, 7d, 2w').argParser(readSpan),
    new Option('--priority <number>', 'the higher, the sooner a worker takes it; 0 if not said').argParser(readWhole),
    new Option('--concurrency-key <key>', 'only so many runs of this key are worked at a time, in their order'),
    new Option('--concurrency-limit <count>', 'how many of the key; 1 if not said').argParser(wholeNumber(1)),
    new Option('--expire <time>', 'one that nobody has begun so long from then ends as failed: 24h').argParser(
      readSpan,
    ),
    new Option('--deadline <time>', 'one that has not ended so long from then is stopped: 7d').argParser(readSpan),
    new Option('--tenant <name>', 'the tenant that it is of'),
    new Option('--user <name>', 'the person whose data it holds'),
  ]
}

/** What is said where the one is given without the other. */
export const LIMIT_ALONE = '--concurrency-limit goes with --concurrency-key'

/** Whether any of those options was given. */
export function saysQueueing(made: Command): boolean {
  return queueingOptions().some((option) => made.getOptionValue(option.attributeName()) !== undefined)
}

/** What those options come to, as `enqueue` takes it. */
export function queueingOf(flags: QueueingFlags): QueueingOptions & Pick<QueueingFlags, 'tenant' | 'user'> {
  const {
    at,
    delay,
    priority,
    concurrencyKey: key,
    concurrencyLimit: limit = 1,
    expire,
    deadline,
    tenant,
    user,
  } = flags
  return {
    ...(at !== undefined && { at }),
    ...(delay !== undefined && { delayMs: delay }),
    ...(priority !== undefined && { priority }),
    ...(key !== undefined && { concurrency: { key, limit } }),
    ...(expire !== undefined && { expireMs: expire }),
    ...(deadline !== undefined && { deadlineMs: deadline }),
    ...(tenant !== undefined && { tenant }),
    ...(user !== undefined && { user }),
  }
}

function readSpan(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new InvalidArgumentError('It must be a length of time: 90s, 30m, 24h, 7d, 2w.')
  return ms
}

function readMoment(text: string): number {
  const at = Date.parse(isDated(text) ? text : '')
  if (Number.isNaN(at)) throw new InvalidArgumentError('It must be a day or an ISO time: 2026-12-24T08:00Z.')
  return at
}

function readWhole(text: string): number {
  const number = Number(text)
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(number)) return number
  throw new InvalidArgumentError('It must be a whole number.')
}
