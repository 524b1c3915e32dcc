// Checks of text whose JSON Schema says less or more than they check, in words. Zod 3 and Zod 4 have the same of them.

/** What a check of a time takes. */
export interface TimeCheck {
  /** Whether `+02:00` is taken beside `Z`. */
  readonly offset?: boolean | undefined
  /** Whether neither is needed. */
  readonly local?: boolean | undefined
  /** Digits of a second's fraction; -1 is without seconds; null and undefined are any. */
  readonly precision?: number | null | undefined
}

/** How a date with a time is to be written. */
export function dateTimeWords({ offset = false, local = false, precision }: TimeCheck): string {
  const time = `2026-05-01T${clock(precision)}`
  const zones = [
    ...(local ? ['without an offset'] : []),
    'in UTC with a Z at its end',
    ...(offset ? ['with an offset'] : []),
  ]
  const examples = [...(local ? [time] : []), `${time}Z`, ...(offset ? [`${time}+02:00`] : [])]
  return `a date and time ${list(zones)}${secondsWords(precision)}: ${list(examples)}`
}

/** How a time of day is to be written. */
export function timeWords({ precision }: Pick<TimeCheck, 'precision'>): string {
  return `a time of day without an offset${secondsWords(precision)}: ${clock(precision)}`
}

function clock(precision: number | null | undefined): string {
  if (precision === -1) return '09:30'
  return precision ? `09:30:00.${'0'.repeat(precision)}` : '09:30:00'
}

function secondsWords(precision: number | null | undefined): string {
  if (precision === undefined || precision === null) return ''
  if (precision === -1) return ', without seconds'
  return precision === 0 ? ', in whole seconds' : `, with ${precision} digits after the seconds`
}

function list(items: readonly string[]): string {
  return items.join(' or ')
}

/** Flags by which a regular expression takes other text than its source does as a pattern of JSON Schema. */
const TELLING = /[imsvy]/

/** A regular expression in words, where its source alone says something else. */
export function patternWords({ source, flags }: RegExp): string | undefined {
  return TELLING.test(flags) ? `matching /${source}/${flags}${meaning(flags)}` : undefined
}

function meaning(flags: string): string {
  return flags.includes('i') ? ' in capitals or not' : ''
}

/** Addresses that any pattern of e-mail addresses takes, unless it is one of somebody's own. */
const ORDINARY = ['ana@example.com', 'ana.bo+x@mail.example.org', 'a1@sub.example.co']

/** Whether a pattern takes fewer addresses than the format `email` does. */
export function isOwnEmail(pattern: RegExp): boolean {
  return !ORDINARY.every((address) => pattern.test(address))
}

/** A text of each format whose name does not show how one is written. */
const EXAMPLES: Readonly<Record<string, string>> = {
  datetime: '2026-05-01T09:30:00Z',
  date: '2026-05-01',
  time: '09:30:00',
  duration: 'P3DT12H',
}

/** The longest pattern that is shown. */
const LONGEST_PATTERN = 200

/** How a text is to be written that has not the format of its place, by what the schema's library says of that. */
export function formatWords(issue: object): string | undefined {
  const { code, format, pattern }: { code?: unknown; format?: unknown; pattern?: unknown } = issue
  if (code !== 'invalid_format' || typeof format !== 'string') return undefined
  if (Object.hasOwn(EXAMPLES, format)) return `as in ${EXAMPLES[format]}`
  return typeof pattern === 'string' && pattern.length <= LONGEST_PATTERN ? `matching ${pattern}` : undefined
}
