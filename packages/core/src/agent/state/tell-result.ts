// What a model hears of a call that is settled.
import type { ResultBound } from '../../contracts/entry.ts'
import type { Json } from '../../values/json.ts'
import type { CallEntry } from './call.ts'
import { cutText } from './cut-text.ts'

/** What a model hears, and the whole text where that is a part of it which can be read on. */
export interface Told {
  readonly text: string
  readonly whole?: string
  readonly tokens?: number
}

/**
 * What an entry tells the model of its call, once that is settled by it.
 *
 * @param id under which the text can be read on where it is cut; undefined where the model has no tool for that.
 */
export function tell(entry: CallEntry, id: string | undefined): Told {
  switch (entry.kind) {
    case 'call.returned':
    case 'call.resolved':
      return bounded(tellResult(entry.body.result), entry.body.bound, id)
    case 'call.failed':
      return bounded(entry.body.error.message, entry.body.bound, id)
    case 'call.judged':
    case 'approval.given':
      return { text: entry.body.told ?? '' }
    case 'approval.asked':
    case 'answer.asked':
    case 'call.intended':
    case 'call.doubted':
      return { text: '' }
    default:
      return entry satisfies never
  }
}

function bounded(text: string, bound: ResultBound | undefined, id: string | undefined): Told {
  const cut = bound && cutText(text, bound, id)
  if (cut === undefined) return { text }
  return id === undefined ? { text: cut } : { text: cut, whole: text, tokens: bound?.tokens ?? 0 }
}

/** The escape that JSON has for half an emoji, where it is none of a backslash that stands there itself. */
const HALF_IN_JSON = /(?<=(?<!\\)(?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g

/** What a model is told of a value that a tool returned, where it is told all of it. */
export function tellResult(result: Json): string {
  return typeof result === 'string' ? result : JSON.stringify(result).replace(HALF_IN_JSON, `\ufffd`)
}
