import type { FakeCall } from './script.ts'

/** The arguments of a scripted call as the text that a model writes. */
export function argumentsText({ arguments: given = {} }: FakeCall): string {
  return typeof given === 'string' ? given : JSON.stringify(given)
}

/** Cuts a text into pieces of about the same length, never inside a character. */
export function piecesOf(text: string, count: number): readonly string[] {
  if (count <= 1) return text === '' ? [] : [text]
  const characters = Array.from(text)
  const size = Math.ceil(characters.length / count)
  const length = Math.ceil(characters.length / size) || 0
  return Array.from({ length }, (_, nth) => characters.slice(nth * size, (nth + 1) * size).join(''))
}

/** Cuts a text into so many pieces, or word by word where nothing else is said. */
export function pieces(text: string, count: number | undefined): readonly string[] {
  return count === undefined ? (text.match(/\s*\S+|\s+$/g) ?? []) : piecesOf(text, count)
}
