// What a model is told of a text that is longer than it may be: its head and its tail, and how much was left out. A journal
// has the whole text and the bound, and each reader of it comes to the same cut by this: it is never edited. Another way to
// cut is another version of the bound.
import type { ResultBound } from '../../contracts/entry.ts'
import { isWithin, lengthBefore, lengthWithin } from '../../values/estimate-tokens.ts'

/** What the words about a cut may take of a bound, in tokens. */
const NOTE_TOKENS = 60

/** What of the room is for the head. */
const HEAD_SHARE = 3 / 4

/** Where a text is best cut, the best first: after a line, after a member of a list, after a member, after a word. */
const ENDS = ['\n', '},', ',', ' ']

/**
 * Cuts a text that is beyond a bound; undefined where it is not.
 *
 * @param id by which the model reads on; undefined where it has no tool for that.
 */
export function cutText(text: string, { tokens }: ResultBound, id: string | undefined): string | undefined {
  if (isWithin(text, tokens)) return undefined
  const room = roomOf(tokens)
  const head = endBefore(text, 0, lengthWithin(text, room * HEAD_SHARE))
  const tail = startAfter(text, text.length - lengthBefore(text, room * (1 - HEAD_SHARE)))
  const left = `${tail - head} of ${text.length} characters are left out here`
  const how =
    id === undefined
      ? 'Ask again for less where you need them.'
      : `To read them: read_result ${JSON.stringify({ result: id, from: head })}.`
  return `${asLines(text.slice(0, head))}[${left}. ${how}]\n${text.slice(tail)}`
}

/** A text after which a note begins a line of its own. */
export function asLines(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}

/** The tokens that are left of a bound for the text itself. */
export function roomOf(tokens: number): number {
  return Math.max(tokens - NOTE_TOKENS, Math.floor(tokens / 2))
}

/** The best place to cut at or before so many characters after a place, in the last quarter of them. */
export function endBefore(text: string, from: number, length: number): number {
  const last = from + length
  if (last >= text.length) return text.length
  const first = last - Math.floor(length / 4)
  for (const end of ENDS) {
    const at = text.lastIndexOf(end, last - end.length)
    if (at >= first && at + end.length > from) return at + end.length
  }
  return wholeAt(text, last)
}

function startAfter(text: string, first: number): number {
  const last = first + Math.floor((text.length - first) / 4)
  for (const end of ENDS) {
    const at = text.indexOf(end, first)
    if (at !== -1 && at + end.length <= last) return at + end.length
  }
  return wholeAt(text, first)
}

/** Not in the middle of a character that is two. */
function wholeAt(text: string, at: number): number {
  return /[\uD800-\uDBFF]/.test(text.charAt(at - 1)) ? at - 1 : at
}
