// When a cron pattern comes, by croner, which is loaded only where a schedule is used. Which patterns name their times, and
// what becomes of a time that the clocks skip or repeat, is said in docs/schedules.md and tested in moments.test.ts.
import { Cron } from 'croner'
import { DefinitionError, messageOf } from '../../values/errors.ts'

/** How many patterns are kept at hand. */
const MAX_KNOWN = 1_000

/** What no clock but cron's own decides. */
const NO_PATTERN = /^(@reboot|\d{4}-)/i

/** The moments of a pattern in a time zone, in milliseconds since 1970. */
export interface Moments {
  /** The first after a moment; null where none comes any more. */
  readonly next: (after: number) => number | null
  /** The last from `from` on, which is one, up to `until`. */
  readonly last: (from: number, until: number) => number
}

const known = new Map<string, Moments>()

/**
 * The moments of a cron pattern.
 *
 * @param what whose it is, as a complaint names it.
 * @throws DefinitionError with code `bad_cron` or `bad_time_zone`.
 */
export function momentsOf(what: string, cron: string, timeZone: string): Moments {
  const key = `${timeZone} ${cron}`
  const found = known.get(key)
  if (found) return found
  checkZone(what, timeZone)
  const made = make(what, cron, timeZone)
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(key, made)
  return made
}

function make(what: string, pattern: string, timeZone: string): Moments {
  const cron = parse(what, pattern, timeZone)
  const next = (after: number): number | null => cron.nextRun(new Date(after))?.getTime() ?? null
  const last = (from: number, until: number): number => {
    // A moment is a whole second. Where both ways do not agree, the one forwards counts: it gives runs their ids.
    const [before] = cron.previousRuns(1, new Date((Math.floor(until / 1_000) + 1) * 1_000))
    let found = Math.max(from, before?.getTime() ?? from)
    if (next(found - 1) !== found) found = from
    for (let at = next(found); at !== null && at <= until; at = next(found)) found = at
    return found
  }
  return { next, last }
}

function parse(what: string, pattern: string, timezone: string): Cron {
  try {
    if (typeof pattern !== 'string' || NO_PATTERN.test(pattern.trim())) throw new Error('it is no pattern')
    return new Cron(pattern, { timezone, paused: true, fixedTimeRule: 'no-wildcard' })
  } catch (error) {
    throw badCron(what, pattern, messageOf(error).replace(/^CronPattern: /, ''))
  }
}

/** Makes the error about a pattern that is none, or that never comes. */
export function badCron(what: string, pattern: unknown, why: string): DefinitionError {
  return new DefinitionError({
    code: 'bad_cron',
    message: `${what} was given cron ${JSON.stringify(pattern) ?? String(pattern)}: ${why.replace(/\.?$/, '.')} Give it minute, hour, day of the month, month and day of the week, as "30 2 * * MON-FRI"; seconds may stand before them.`,
    details: { cron: String(pattern) },
  })
}

function checkZone(what: string, timeZone: unknown): void {
  try {
    if (typeof timeZone !== 'string') throw new TypeError('no text')
    new Intl.DateTimeFormat('en', { timeZone }).format(0)
  } catch {
    throw new DefinitionError({
      code: 'bad_time_zone',
      message: `${what} was given timeZone ${JSON.stringify(timeZone) ?? String(timeZone)}, which is no time zone here. Give it a name of the IANA database, as "Europe/Oslo", or "UTC".`,
      details: { timeZone: String(timeZone) },
    })
  }
}
