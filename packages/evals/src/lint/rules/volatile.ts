// What differs from run to run, before text that does not. A text alone is looked at for what can hardly be the same
// tomorrow; the instructions of an agent are made twice and compared, and made of a context that says where it was put in.
import type { Found } from './finding.ts'
import { lineAt, type Sentence } from './sentences.ts'

/** As many characters behind it as a prompt cache counts at a time: 128 tokens. */
const WORTH = 512

const UUID = String.raw`\b[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b`
const MOMENT = String.raw`\b20\d\d-[01]\d-[0-3]\d[T ][0-2]\d:[0-5]\d`
const DATE = String.raw`(?:20\d\d-[01]\d-[0-3]\d|\d{1,2}[./]\d{1,2}[./]20\d\d|(?:\d{1,2}\.? )?(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}?(?:, )?(?:20\d\d)?|[0-2]?\d:[0-5]\d)`
const NOW = String.raw`\b(?:today|now|right now|current (?:date|time|day|moment))\b[^.\n]{0,40}?${DATE}`
const SESSION = String.raw`\b(?:session|request|conversation|run|trace|thread) ?id\b\s*(?:is|:|=)\s*[\w-]{6,}`
const VOLATILE = new RegExp([UUID, MOMENT, NOW, SESSION].join('|'), 'gi')

/** A text that is sent as it stands, and in which something looks like the moment or like an id of this run. */
export function volatileWords(sentences: readonly Sentence[], text: string): readonly Found[] {
  return [...text.matchAll(VOLATILE)]
    .filter(({ index }) => !isQuoted(text, index))
    .slice(0, 1)
    .flatMap(({ 0: words, index }) => volatileAt(sentences, text, index, index + words.length))
}

/** Today's date in a text that is otherwise the same: what was made of the clock when the program started. */
export function todayIn(sentences: readonly Sentence[], text: string, now: Date): readonly Found[] {
  const [place] = datesOf(now)
    .flatMap((date) => (text.includes(date) ? [{ at: text.indexOf(date), date }] : []))
    .toSorted((one, other) => one.at - other.at)
  return place ? volatileAt(sentences, text, place.at, place.at + place.date.length) : []
}

/** The place where two renderings part, and the text behind it that they share. */
export function parted(sentences: readonly Sentence[], text: string, again: string): readonly Found[] {
  let at = 0
  while (at < text.length && text[at] === again[at]) at++
  if (at === text.length && at === again.length) return []
  return volatileAt(sentences, text, at, at + 1)
}

/** @param ignored how many characters behind it are no text of the prompt. */
export function volatileAt(
  sentences: readonly Sentence[],
  text: string,
  from: number,
  to: number,
  ignored = 0,
): readonly Found[] {
  if (text.length - to - ignored < WORTH) return []
  const sentence = sentences.find(({ start, end }) => start <= from && from < end)
  const words = sentence?.text ?? text.split('\n')[lineAt(text, from) - 1] ?? ''
  return [{ rule: 'volatile-prefix', at: { words, line: lineAt(text, from) } }]
}

function isQuoted(text: string, place: number): boolean {
  return (
    /["'`\u201C\u2018]$/.test(text.slice(0, place)) ||
    /\b(?:such as|e\.g\.|for example|like)\s*$/i.test(text.slice(0, place))
  )
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ')

/** A day as programs write it, here and in UTC. */
function datesOf(now: Date): readonly string[] {
  const here: readonly [number, number, number] = [now.getFullYear(), now.getMonth(), now.getDate()]
  const utc: readonly [number, number, number] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
  const written = [here, utc].flatMap(([year, month, day]) => {
    const two = (number: number): string => String(number).padStart(2, '0')
    const name = MONTHS[month] ?? ''
    return [
      `${year}-${two(month + 1)}-${two(day)}`,
      `${month + 1}/${day}/${year}`,
      `${two(day)}/${two(month + 1)}/${year}`,
      `${day}.${month + 1}.${year}`,
      `${two(day)}.${two(month + 1)}.${year}`,
      `${name} ${day}, ${year}`,
      `${day} ${name} ${year}`,
      `${name.slice(0, 3)} ${two(day)} ${year}`,
    ]
  })
  return [...new Set(written)]
}
