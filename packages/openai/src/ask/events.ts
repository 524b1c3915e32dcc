import { createParser } from 'eventsource-parser'

/** What ends a stream of events by agreement; some servers leave it out. */
const DONE = '[DONE]'

/**
 * Reads the events of a stream as they come: in batches, since an async step for each of them costs more than to read
 * it. An event of undefined is the agreed end, after which there may be more bytes.
 *
 * Left early, it reads on by itself, so that the connection can be used again; aborting the request stops that.
 *
 * @throws SyntaxError where an event is no JSON; the transport's error where the stream breaks.
 */
export async function* readEvents(response: Response): AsyncGenerator<readonly unknown[], void, undefined> {
  if (!response.body) return
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader()
  const decoder = new TextDecoder()
  let events: unknown[] = []
  const parser = createParser({
    onEvent: ({ data }) => events.push(data === DONE ? undefined : JSON.parse(data)),
  })
  let ended = false
  try {
    while (!ended) {
      const { value, done } = await reader.read()
      ended = done
      parser.feed(done ? decoder.decode() : decoder.decode(value, { stream: true }))
      if (events.length > 0) yield events
      events = []
    }
  } finally {
    if (!ended) void drain(reader)
  }
}

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    while (!(await reader.read()).done);
  } catch {
    // Nobody waits for what comes after the end.
  }
}
