import type { JsonObject } from '@reprise/core'
import type { FakeAsk } from '@reprise/fake-openai'

/** A call that was made, and what came of it. */
export interface Made {
  readonly name: string
  readonly arguments: JsonObject
  /** What the tool gave; undefined where it gave nothing. */
  readonly result: JsonObject | undefined
  /** What the model was told instead. */
  readonly refused: string
}

/** A chat, as the part understands it. */
export interface Talk {
  /** What the customer said last. */
  readonly said: string
  /** Items so far: it grows with every reply. */
  readonly turn: number
  /** Calls that were made since then, in their order. */
  readonly made: readonly Made[]
  /** Calls that were made before. */
  readonly before: readonly Made[]
  /** What is known of the customer. */
  readonly known: readonly string[]
  /** The order that the talk is about, where one was named. */
  readonly orderId: string | undefined
}

type Items = FakeAsk['body']['input']

/** How the runtime begins what it tells the model of the customer, among the customer's words. */
const KNOWN = 'What is known about the user'

/** Reads a request. */
export function readTalk(input: Items): Talk {
  const words = input.map((item) =>
    'role' in item && item.role === 'user' && typeof item.content === 'string' ? item.content : undefined,
  )
  const last = words.findLastIndex((text) => text !== undefined && !text.startsWith(KNOWN))
  const heard = words.filter((text) => text !== undefined)
  const said = words[last] ?? ''
  const made = callsOf(input, input)
  const lists = made.filter(({ name, result }) => name === 'list_orders' && result)
  const orders = heard.filter((text) => !text.startsWith(KNOWN)).flatMap((text) => text.match(/\bF-\d{4}\b/g) ?? [])
  return {
    said,
    turn: input.length,
    made: callsOf(input.slice(last), input),
    before: callsOf(input.slice(0, last), input),
    known: heard.findLast((text) => text.startsWith(KNOWN))?.match(/(?<="value":")[^"]*/g) ?? [],
    orderId: orders.at(-1) ?? /F-\d{4}/.exec(JSON.stringify(lists.at(-1)?.result ?? ''))?.[0],
  }
}

function callsOf(items: Items, all: Items): readonly Made[] {
  const outputs = new Map(
    all.flatMap((item) =>
      item.type === 'function_call_output' && typeof item.output === 'string' ? [[item.call_id, item.output]] : [],
    ),
  )
  return items.flatMap((item) => {
    if (item.type !== 'function_call') return []
    const output = outputs.get(item.call_id) ?? ''
    const result = objectIn(output)
    return [{ name: item.name, arguments: objectIn(item.arguments) ?? {}, result, refused: result ? '' : output }]
  })
}

/** A list stands under `all`, so that every result is an object. */
function objectIn(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    // What JSON.parse gives is JSON.
    return (Array.isArray(value) ? { all: value } : value) as JsonObject
  } catch {
    return undefined
  }
}
