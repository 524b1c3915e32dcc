import type { Finish, JsonObject } from '@reprise/core'

/** A call that a script makes. */
export interface ScriptedCall {
  readonly name: string
  /** Text goes out as it stands, malformed or not. @default {} */
  readonly arguments?: string | JsonObject
  /** @default an id that follows from the request, so that the same request gets the same one */
  readonly callId?: string
}

/** A reply in short: text, then a refusal, then calls, whichever are there. With none of them it is empty. */
export interface ScriptedReply {
  readonly text?: string
  /** In how many pieces the text is streamed. */
  readonly deltas?: number
  readonly refusal?: string
  readonly calls?: readonly ScriptedCall[]
  /** @default 'stop' */
  readonly finish?: Finish
}

/** The arguments of a scripted call as the text that a model writes. */
export function argumentsText({ arguments: given = {} }: ScriptedCall): string {
  return typeof given === 'string' ? given : JSON.stringify(given)
}

/** Cuts a text into pieces of about the same length, never inside a character. */
export function piecesOf(text: string, count: number): string[] {
  if (count <= 1) return text === '' ? [] : [text]
  const characters = Array.from(text)
  const size = Math.ceil(characters.length / count)
  const pieces: string[] = []
  for (let at = 0; at < characters.length; at += size) pieces.push(characters.slice(at, at + size).join(''))
  return pieces
}
