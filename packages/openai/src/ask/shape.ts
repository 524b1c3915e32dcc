/** What an answer without an error is: a stream of events, a body in one piece, or neither. */
export type Shape = 'events' | 'whole' | 'other'

/** How a stream of events begins: with a field, or a comment. */
const EVENTS = /^\uFEFF?(?:data|event|id|retry)?:/

/** The most characters that are looked at. */
const LOOKED_AT = 64

/**
 * Tells what an answer is by its content type and, where that is not the one of events, by its first characters: some
 * servers give a wrong type, or none.
 */
export async function shapeOf(response: Response): Promise<Shape> {
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('text/event-stream')) return 'events'
  const start = await startOf(response)
  if (EVENTS.test(start)) return 'events'
  return type.includes('json') || /^[{[]/.test(start) ? 'whole' : 'other'
}

/** The first characters of a body, the blanks before them aside; the body can be read as before. */
async function startOf(response: Response): Promise<string> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.clone().body?.getReader()
  if (!reader) return ''
  const decoder = new TextDecoder()
  let start = ''
  while (start.length < LOOKED_AT) {
    const { value, done } = await reader.read()
    if (done) break
    start = (start + decoder.decode(value, { stream: true })).trimStart()
  }
  // Nobody waits for the rest of the copy.
  void reader.cancel().catch(() => undefined)
  return start
}
