// Where in an entry, or in a conversation, people's, tools' and models' words stand: there secrets are hidden. Names, keys,
// digests and what else the engine goes by stay as they are.
import type { ChildEnding, Draft, EntryBodies, EntryKind, RecordedError } from '../contracts/entry.ts'
import type { Item } from '../contracts/item.ts'
import { refuseWritten } from '../words/read-json.ts'
import type { Secrets } from './secrets.ts'

type Hide = Secrets['hide']

/** Hides secrets in an entry that is about to be written, or to be shown. */
export function hideIn<E extends Pick<Draft, 'kind' | 'body'>>(entry: E, hide: Hide): E {
  // The kind says which body it is; TypeScript cannot follow that through the table.
  const hideBody = BODIES[entry.kind] as (body: E['body'], hide: Hide) => E['body']
  return { ...entry, body: hideBody(entry.body, hide) }
}

/** Hides secrets in an item of a conversation. */
export function hideItem<I extends Item>(item: I, hide: Hide): I {
  return { ...item, ...hideWords(item, hide) }
}

function hideWords(item: Item, hide: Hide): Partial<Item> {
  switch (item.kind) {
    case 'user':
      return { text: hide(item.text), ...(item.parts && { parts: hide(item.parts) }) }
    case 'assistant':
      return { text: hide(item.text), ...(item.citations && { citations: hide(item.citations) }) }
    case 'refusal':
    case 'reasoning':
      return { text: hide(item.text) }
    case 'call':
      return { arguments: hideWritten(item.arguments, hide) }
    case 'result':
      return { output: hide(item.output) }
    case 'hosted':
      return { item: hide(item.item) }
    default:
      return item satisfies never
  }
}

/** JSON stays JSON: a token in the place of a number is a text. What is no JSON, or is refused anyway, is text. */
function hideWritten(text: string, hide: Hide): string {
  const asText = hide(text)
  // Signs may be written as escapes, and are found in the values alone.
  if (asText === text && !text.includes('\\u')) return text
  const value = parse(text)
  if (value === undefined || refuseWritten(text, value) !== undefined) return asText
  const hidden = hide(value)
  return hidden === value ? text : JSON.stringify(hidden)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function hideError({ message, details, stack, ...error }: RecordedError, hide: Hide): RecordedError {
  return {
    ...error,
    message: hide(message),
    ...(details && { details: hide(details) }),
    ...(stack !== undefined && { stack: hide(stack) }),
  }
}

function hideEnding(ending: ChildEnding, hide: Hide): ChildEnding {
  if (ending.kind === 'completed') return { ...ending, output: hide(ending.output) }
  if (ending.kind === 'cancelled') return { ...ending, reason: hide(ending.reason) }
  return { ...ending, error: hideError(ending.error, hide) }
}

/** Hides secrets in members of a body by their names. */
function members<B extends object>(...names: (keyof B)[]): (body: B, hide: Hide) => B {
  return (body, hide) => {
    const hidden = names.flatMap((name) => (body[name] === undefined ? [] : [[name, hide(body[name])]]))
    return { ...body, ...(Object.fromEntries(hidden) as Partial<B>) }
  }
}

const NOTHING = <B>(body: B): B => body

const BODIES: { readonly [K in EntryKind]: (body: EntryBodies[K], hide: Hide) => EntryBodies[K] } = {
  'run.started': (body, hide) => ({
    ...body,
    input: hide(body.input),
    context: hide(body.context),
    ...('instructions' in body && { instructions: hide(body.instructions) }),
  }),
  'run.forked': NOTHING,
  'definition.changed': members('instructions'),
  'model.asked': NOTHING,
  'model.replied': ({ reply, ...body }, hide) => ({
    ...body,
    reply: { ...reply, items: reply.items.map((item) => hideItem(item, hide)) },
  }),
  'model.failed': (body, hide) => ({ ...body, error: hideError(body.error, hide) }),
  'call.judged': members('told', 'input'),
  'approval.asked': NOTHING,
  'approval.given': members('by', 'told'),
  'call.intended': NOTHING,
  'call.returned': members('result', 'lost'),
  'call.failed': (body, hide) => ({ ...body, error: hideError(body.error, hide) }),
  'call.doubted': members('reason'),
  'call.resolved': members('result', 'by', 'lost'),
  'handoff.made': members('instructions', 'told'),
  'output.judged': members('told'),
  'step.returned': members('result', 'lost'),
  'step.failed': (body, hide) => ({ ...body, error: hideError(body.error, hide) }),
  'child.started': NOTHING,
  'child.ended': (body, hide) => ({ ...body, ending: hideEnding(body.ending, hide) }),
  'timer.set': NOTHING,
  'timer.fired': NOTHING,
  'message.received': members('payload'),
  'race.won': NOTHING,
  'run.waiting': NOTHING,
  'run.quarantined': members('reason'),
  'run.released': members('by'),
  'run.completed': members('output'),
  'run.failed': (body, hide) => ({
    ...body,
    error: hideError(body.error, hide),
    ...(body.text !== undefined && { text: hide(body.text) }),
  }),
  'run.cancelled': members('reason', 'text'),
}
