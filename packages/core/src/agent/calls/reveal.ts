// Where a tool is given secrets: at the places that its schema marks, and at no other. A model can have any other place
// say, store or send what stands there.
import type { AnyTool } from '../../define/tool.ts'
import { isToken, mapTexts, tokensIn } from '../../journal/secrets.ts'

/** Puts secrets in the place of their tokens. */
export type Reveal = <T>(value: T) => T

/** Puts secrets in the place of tokens at the secret places of a call's arguments. What has none is given back. */
export function revealAt({ input: { secrets } }: AnyTool, given: unknown, reveal: Reveal): unknown {
  if (!secrets) return given
  // Places are those of what is made of the arguments, so each text with a token is followed by a number of its own.
  const numbered = numberTokens(given, (text, number) => `${text}\0${number}`)
  const marked = new Set(secrets.at(numbered).values())
  return numberTokens(given, (text, number) => (marked.has(`${text}\0${number}`) ? reveal(text) : text))
}

/** Reveals the tokens that stand at secret places of a call's arguments, and no others. */
export function revealOnly({ input: { secrets } }: AnyTool, given: unknown, reveal: Reveal): Reveal {
  const texts = [...(secrets?.at(given).values() ?? [])].filter((text) => typeof text === 'string')
  const marked = new Map(texts.flatMap(tokensIn).map((token) => [token, reveal(token)]))
  const revealed = (text: string): string =>
    tokensIn(text).reduce((shown, token) => shown.replaceAll(token, () => marked.get(token) ?? token), text)
  return (value) => mapTexts(value, revealed)
}

/** The first secret place whose text looks like a token and stands for nothing. */
export function strayToken({ input: { secrets } }: AnyTool, given: unknown, reveal: Reveal): string | undefined {
  if (!secrets) return undefined
  const isStray = (text: unknown): boolean => typeof text === 'string' && isToken(text) && reveal(text) === text
  return [...secrets.at(given)].find(([, text]) => isStray(text))?.[0]
}

/** Changes the texts of a value that have a token in them, which are counted in the order in which they stand there. */
function numberTokens(value: unknown, change: (text: string, number: number) => string): unknown {
  let number = 0
  return mapTexts(value, (text) => (tokensIn(text).length > 0 ? change(text, number++) : text))
}
