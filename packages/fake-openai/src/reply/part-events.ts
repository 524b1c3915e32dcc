import { pieces } from '../script/reply-text.ts'

/** An event of a stream, without its number. */
export interface WireEvent {
  readonly type: string
  readonly [field: string]: unknown
}

/** The events of one part or item. */
export type WireEvents = Generator<WireEvent, void, undefined>

/** A part of an item's content; what a script gave as it stands may have any fields. */
interface Part {
  readonly type: string
  readonly text?: string
  readonly refusal?: string
  readonly annotations?: readonly Annotation[]
}

/** A citation: the text that it belongs to ends before `end_index`, or it stands at `index`. */
interface Annotation {
  readonly end_index?: number
  readonly index?: number
}

/** Where an item stands in its response. */
export interface Place {
  readonly output_index: number
  readonly item_id: string | undefined
}

/** Streams the parts of an item's content one after the other. */
export function* contentEvents(content: unknown, place: Place, deltas: number | undefined): WireEvents {
  for (const [index, part] of partsOf(content).entries()) {
    const at = { ...place, content_index: index }
    const empty = part.type === 'refusal' ? { refusal: '' } : { text: '', ...(part.annotations && { annotations: [] }) }
    yield { type: 'response.content_part.added', ...at, part: { ...part, ...empty } }
    yield* partEvents(part, at, deltas)
    yield { type: 'response.content_part.done', ...at, part }
  }
}

function* partEvents(part: Part, at: object, deltas: number | undefined): WireEvents {
  const { text = '', refusal = '' } = part
  if (part.type === 'refusal') {
    for (const delta of pieces(refusal, deltas)) yield { type: 'response.refusal.delta', ...at, delta }
    yield { type: 'response.refusal.done', ...at, refusal }
  } else if (part.type === 'reasoning_text') {
    for (const delta of pieces(text, deltas)) yield { type: 'response.reasoning_text.delta', ...at, delta }
    yield { type: 'response.reasoning_text.done', ...at, text }
  } else {
    yield* textEvents(part, at, deltas)
    yield { type: 'response.output_text.done', ...at, text, logprobs: [] }
  }
}

/** A citation is told as soon as the text that it belongs to is. */
function* textEvents({ text = '', annotations }: Part, at: object, deltas: number | undefined): WireEvents {
  const left = [...(annotations ?? [])].map((annotation, index) => ({ annotation, annotation_index: index }))
  let said = 0
  for (const delta of pieces(text, deltas)) {
    yield { type: 'response.output_text.delta', ...at, delta, logprobs: [] }
    said += delta.length
    while (left[0] && endOf(left[0].annotation) <= said) yield added(left.shift())
  }
  yield* left.map(added)

  function added(cited: object | undefined): WireEvent {
    return { type: 'response.output_text.annotation.added', ...at, ...cited }
  }
}

function endOf({ end_index: end, index }: Annotation): number {
  return end ?? index ?? Infinity
}

/** Streams the summary of a reasoning item, part by part. */
export function* summaryEvents(summary: unknown, place: Place, deltas: number | undefined): WireEvents {
  for (const [index, part] of partsOf(summary).entries()) {
    const at = { ...place, summary_index: index }
    const { text = '' } = part
    yield { type: 'response.reasoning_summary_part.added', ...at, part: { ...part, text: '' } }
    for (const delta of pieces(text, deltas)) yield { type: 'response.reasoning_summary_text.delta', ...at, delta }
    yield { type: 'response.reasoning_summary_text.done', ...at, text }
    yield { type: 'response.reasoning_summary_part.done', ...at, part }
  }
}

/** What stands in a script's list is taken for the parts that it should be. */
function partsOf(given: unknown): readonly Part[] {
  return listOf(given) as readonly Part[]
}

/** What a script gave as a list; nobody looked whether it is one. */
export function listOf(given: unknown): readonly unknown[] {
  return Array.isArray(given) ? (given as readonly unknown[]) : []
}
