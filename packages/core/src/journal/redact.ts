// Where in an entry, or in a conversation, people's, tools' and models' words stand: there secrets are hidden. Names, keys,
// digests and what else the engine goes by stay as they are.
import type { ChildEnding, Draft, EntryBodies, EntryKind, RecordedEdit, RecordedError } from '../contracts/entry.ts'
import type { HistoryEdit } from '../contracts/history.ts'
import type { Item } from '../contracts/item.ts'
import { refuseWritten } from '../values/read-json.ts'
import type { Secrets } from './secrets.ts'

type Redact = Secrets['redact']

/** Redacts secrets in an entry that is about to be written, or to be shown. */
export function redactIn<E extends Pick<Draft, 'kind' | 'body'>>(entry: E, redact: Redact): E {
  // The kind says which body it is; TypeScript cannot follow that through the table.
  const redactBody = BODIES[entry.kind] as (body: E['body'], redact: Redact) => E['body']
  return { ...entry, body: redactBody(entry.body, redact) }
}

/** Redacts secrets in an item of a conversation. */
export function redactItem<I extends Item>(item: I, redact: Redact): I {
  return { ...item, ...redactWords(item, redact) }
}

function redactWords(item: Item, redact: Redact): Partial<Item> {
  switch (item.kind) {
    case 'user':
      return { text: redact(item.text), ...(item.parts && { parts: redact(item.parts) }) }
    case 'assistant':
      return { text: redact(item.text), ...(item.citations && { citations: redact(item.citations) }) }
    case 'refusal':
    case 'reasoning':
      return { text: redact(item.text) }
    case 'call':
      return { arguments: redactWritten(item.arguments, redact) }
    case 'result':
      return { output: redact(item.output), ...(item.parts && { parts: redact(item.parts) }) }
    case 'hosted':
      return { item: redact(item.item) }
    default:
      return item satisfies never
  }
}

/** JSON stays JSON: a token in the place of a number is a text. What is no JSON, or is refused anyway, is text. */
function redactWritten(text: string, redact: Redact): string {
  const asText = redact(text)
  // Signs may be written as escapes, and are found in the values alone.
  if (asText === text && !text.includes('\\u')) return text
  const value = parse(text)
  if (value === undefined || refuseWritten(text, value) !== undefined) return asText
  const hidden = redact(value)
  return hidden === value ? text : JSON.stringify(hidden)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function redactError({ message, details, stack, ...error }: RecordedError, redact: Redact): RecordedError {
  return {
    ...error,
    message: redact(message),
    ...(details && { details: redact(details) }),
    ...(stack !== undefined && { stack: redact(stack) }),
  }
}

function redactEnding(ending: ChildEnding, redact: Redact): ChildEnding {
  if (ending.kind === 'completed') return { ...ending, output: redact(ending.output) }
  if (ending.kind === 'cancelled') return { ...ending, reason: redact(ending.reason) }
  return { ...ending, error: redactError(ending.error, redact) }
}

function redactEdit(edit: RecordedEdit, redact: Redact): RecordedEdit {
  return edit.kind === 'instructions' ? { ...edit, instructions: redact(edit.instructions) } : edit
}

function redactHistory(edit: HistoryEdit, redact: Redact): HistoryEdit {
  return edit.kind === 'result'
    ? { ...edit, output: redact(edit.output) }
    : { ...edit, items: edit.items.map((item) => redactItem(item, redact)) }
}

/** Redacts secrets in members of a body by their names. */
function members<B extends object>(...names: (keyof B)[]): (body: B, redact: Redact) => B {
  return (body, redact) => {
    const hidden = names.flatMap((name) => (body[name] === undefined ? [] : [[name, redact(body[name])]]))
    return { ...body, ...(Object.fromEntries(hidden) as Partial<B>) }
  }
}

const NOTHING = <B>(body: B): B => body

const BODIES: { readonly [K in EntryKind]: (body: EntryBodies[K], redact: Redact) => EntryBodies[K] } = {
  'run.started': (body, redact) => ({
    ...body,
    input: redact(body.input),
    context: redact(body.context),
    ...('instructions' in body && { instructions: redact(body.instructions) }),
  }),
  'run.forked': ({ edits, ...body }, redact) => ({
    ...body,
    ...(edits && { edits: edits.map((edit) => redactEdit(edit, redact)) }),
  }),
  'history.joined': ({ holder, closed, heard, ...body }, redact) => ({
    ...body,
    ...(heard && { heard: { ...heard, ending: redactEnding(heard.ending, redact) } }),
    ...(holder && { holder: { ...holder, instructions: redact(holder.instructions) } }),
    ...(closed && { closed: closed.map((item) => redactItem(item, redact)) }),
  }),
  'definition.changed': members('instructions'),
  'model.asked': NOTHING,
  'model.replied': ({ reply, summary, ...body }, redact) => ({
    ...body,
    ...(summary && { summary: redact(summary) }),
    reply: { ...reply, items: reply.items.map((item) => redactItem(item, redact)) },
  }),
  'model.failed': ({ summary, ...body }, redact) => ({
    ...body,
    error: redactError(body.error, redact),
    ...(summary && { summary: redact(summary) }),
  }),
  'call.judged': members('told', 'input'),
  'approval.asked': NOTHING,
  'approval.given': ({ edited, ...body }, redact) => ({
    ...members<typeof body>('by', 'reason', 'told')(body, redact),
    ...(edited && { edited: { ...edited, arguments: redact(edited.arguments) } }),
  }),
  'answer.asked': NOTHING,
  'call.intended': NOTHING,
  'call.returned': members('result', 'lost', 'facts', 'parts', 'by'),
  'call.failed': (body, redact) => ({ ...body, error: redactError(body.error, redact) }),
  'call.doubted': members('reason'),
  'call.resolved': members('result', 'by', 'lost'),
  'memory.read': members('keys', 'text'),
  'handoff.made': members('instructions', 'told', 'payload', 'moved'),
  'output.judged': members('told'),
  'step.returned': members('result', 'lost'),
  'step.failed': (body, redact) => ({ ...body, error: redactError(body.error, redact) }),
  'child.started': NOTHING,
  'child.ended': (body, redact) => ({ ...body, ending: redactEnding(body.ending, redact) }),
  'timer.set': NOTHING,
  'timer.fired': NOTHING,
  'message.received': members('payload'),
  'race.won': NOTHING,
  'history.compacted': ({ edits, ...body }, redact) => ({
    ...body,
    edits: edits.map((edit) => redactHistory(edit, redact)),
  }),
  'run.waiting': NOTHING,
  'run.quarantined': members('reason'),
  'run.rewound': members('by'),
  'run.released': members('by'),
  'run.completed': members('output'),
  'run.failed': (body, redact) => ({
    ...body,
    error: redactError(body.error, redact),
    ...(body.text !== undefined && { text: redact(body.text) }),
  }),
  'run.cancelled': members('reason', 'text'),
}
