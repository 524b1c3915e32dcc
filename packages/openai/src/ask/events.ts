import { createParser } from 'eventsource-parser'

/** What ends a stream of events by agreement; some servers leave it out. */
const DONE = '[DONE]'

/** The name of an event that is a failure, whatever its data are. */
const ERROR = 'error'

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
    onEvent: ({ event, data }) => events.push(data.trim() === DONE ? undefined : read(event, data)),
  })
  let ended = false
  let unread: { readonly error: unknown } | undefined
  const feed = (text: string): void => {
    try {
      parser.feed(text)
    } catch (error) {
      // What came before it was said all the same.
      unread = { error }
    }
  }
  try {
    while (!ended) {
      const { value, done } = await reader.read()
      ended = done
      // Some servers leave out the blank line after the last event.
      feed(done ? `${decoder.decode()}\n\n` : decoder.decode(value, { stream: true }))
      if (events.length > 0) yield events
      events = []
      if (unread) throw unread.error
    }
  } finally {
    if (!ended) void drain(reader)
  }
}

/** Some servers say only by its name that an event is a failure. */
function read(event: string | undefined, data: string): unknown {
  if (event !== ERROR) return JSON.parse(data)
  const said = parse(data)
  return typeof said === 'object' && said !== null ? { type: ERROR, error: said, ...said } : { error: data }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    while (!(await reader.read()).done);
  } catch {
    // Nobody waits for what comes after the end.
  }
}
