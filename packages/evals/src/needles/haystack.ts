import { seeded } from '@reprise/core'

/** About how many characters of English are one token. */
const CHARACTERS = 4

const WHO = [
  'The clerk',
  'A carpenter',
  'The night shift',
  'Her neighbour',
  'The harbour master',
  'One of the drivers',
  'The baker',
  'An old customer',
  'The second office',
  'Somebody from the mill',
]
const DID = [
  'carried',
  'counted',
  'painted',
  'returned',
  'sorted',
  'measured',
  'repaired',
  'weighed',
  'wrapped',
  'moved',
]
const WHAT = [
  'the blue crates',
  'a stack of plates',
  'the garden chairs',
  'two ladders',
  'the spare wheels',
  'a roll of cloth',
  'the brass lamps',
  'three doors',
  'the winter coats',
  'a box of keys',
]
const WHEN = [
  'before the rain came',
  'on a quiet Tuesday',
  'after the market had closed',
  'while the kettle boiled',
  'in the last week of March',
  'without any hurry',
  'when the road was clear',
  'as it had been agreed',
  'between two deliveries',
  'early in the evening',
]

/**
 * Makes a text of about so many tokens, with a sentence hidden in it.
 *
 * @param tokens how long, by four characters a token.
 * @param depth where the sentence stands: 0 at the beginning, 100 at the end.
 */
export function haystack(tokens: number, depth: number, sentence: string, seed: string): string {
  const random = seeded(seed)
  const one = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? ''
  const sentences: string[] = []
  for (let length = sentence.length; length < tokens * CHARACTERS; length += (sentences.at(-1)?.length ?? 0) + 1)
    sentences.push(`${one(WHO)} ${one(DID)} ${one(WHAT)} ${one(WHEN)}.`)
  return sentences.toSpliced(Math.round((sentences.length * depth) / 100), 0, sentence).join(' ')
}

/** A number of seven digits that follows from a seed. */
export function codeOf(seed: string): string {
  return String(Math.floor(1_000_000 + seeded(seed)() * 9_000_000))
}
