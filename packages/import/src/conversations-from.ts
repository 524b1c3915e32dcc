import { DefinitionError } from '@reprise/core'
import type { RecordedConversation, RecordedFormat } from './thread/conversation.ts'
import { agentsTrace } from './formats/agents-trace.ts'
import { chatJsonl } from './formats/chat-jsonl.ts'
import { langsmith } from './formats/langsmith.ts'
import { otelGenai } from './formats/otel-genai.ts'
import { type FileRecord, type RecordedText, readRecords } from './read/records.ts'
import { type NotTaken, Report } from './read/report.ts'
import type { Exchange } from './say/exchange.ts'
import { conversationOf } from './thread/conversation-of.ts'
import { type Thread, threadsOf } from './thread/threads.ts'

type Reader = (records: readonly FileRecord[], report: Report) => readonly Exchange[]

const READERS: Readonly<Record<RecordedFormat, Reader>> = {
  'agents-trace': agentsTrace,
  'chat-jsonl': chatJsonl,
  langsmith,
  'otel-genai': otelGenai,
}

/**
 * The formats that are read.
 *
 * @example
 * ```ts
 * import { RECORDED_FORMATS } from '@reprise/import'
 *
 * console.log(RECORDED_FORMATS.join(', ')) // agents-trace, chat-jsonl, langsmith, otel-genai
 * ```
 */
export const RECORDED_FORMATS = Object.keys(READERS) as readonly RecordedFormat[]

/** How a file is read. */
export interface FromOptions {
  readonly from: RecordedFormat
  /** What conversations are named after that have no id of their own, as `desk` in `desk-line-3`. @default `line-3` alone */
  readonly file?: string
}

/**
 * The conversations of a file, in the order in which they began. What could not be taken of it stands in `skipped` and
 * `passed` once all of them were given.
 */
export class RecordedConversations implements AsyncIterable<RecordedConversation> {
  readonly #text: RecordedText
  readonly #from: RecordedFormat
  readonly #file: string | undefined
  #report = new Report()

  constructor(text: RecordedText, { from, file }: FromOptions) {
    this.#text = text
    this.#from = from
    this.#file = file
  }

  /** What holds a part of a conversation, and could not be taken, each with its place and the reason. */
  get skipped(): readonly NotTaken[] {
    return this.#report.skipped
  }

  /** How many records hold no part of a conversation, by what they are: `{ 'custom span': 4 }`. */
  get passed(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#report.passed)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RecordedConversation, void, undefined> {
    const report = (this.#report = new Report())
    const records = await readRecords(this.#text, report)
    const exchanges = READERS[this.#from](records, report)
    const ids = new Ids(this.#file)
    for (const thread of threadsOf(inOrder(exchanges))) {
      const conversation = conversationOf(thread, this.#from, ids.of(thread))
      if ('why' in conversation) report.leaveOut(conversation.where, conversation.why)
      else yield conversation
    }
  }
}

/**
 * Reads conversations with models that were recorded elsewhere, enough to ask them again. Exchanges of one conversation are put
 * together, wherever they stand in the file: a request that begins with another's request and reply goes on from it.
 *
 * The whole file is read into memory, since exporters write what began last first, or what ended first.
 *
 * @param text JSON Lines, or one list of JSON; whole, or cut anywhere as `createReadStream(path)` gives it.
 * @throws DefinitionError with code `bad_argument` when the format is none.
 * @example
 * ```ts
 * import { conversationsFrom } from '@reprise/import'
 *
 * const line = { messages: [{ role: 'user', content: 'About spring' }, { role: 'assistant', content: 'Rain again.' }] }
 * const conversations = conversationsFrom(JSON.stringify(line), { from: 'chat-jsonl' })
 * for await (const { id, items } of conversations) console.log(id, items.length) // line-1 2
 * console.log(conversations.skipped) // []
 * ```
 */
export function conversationsFrom(text: RecordedText, options: FromOptions): RecordedConversations {
  const { from } = options
  if (Object.hasOwn(READERS, from)) return new RecordedConversations(text, options)
  throw new DefinitionError({
    code: 'bad_argument',
    message: `conversationsFrom was given from ${JSON.stringify(from)}. The formats are: ${RECORDED_FORMATS.join(', ')}.`,
  })
}

/** By their times, where all have one: exporters write what ended first, or what began last. */
function inOrder(exchanges: readonly Exchange[]): readonly Exchange[] {
  if (exchanges.some(({ startedAt }) => startedAt === undefined)) return exchanges
  // What began in the same second is shorter where it is earlier.
  return exchanges.toSorted(
    (one, other) => (one.startedAt ?? 0) - (other.startedAt ?? 0) || one.request.length - other.request.length,
  )
}

/** Names conversations so that each has another name, and each name may be a run's id. */
class Ids {
  readonly #used = new Map<string, number>()
  readonly #file: string | undefined

  constructor(file: string | undefined) {
    this.#file = file
  }

  of({ first: { id, where } }: Thread): string {
    const isOwn = id !== where.replace(' ', '-')
    const whole = isOwn || this.#file === undefined ? id : `${this.#file}-${id}`
    const name = whole.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, 180) || 'recorded'
    const times = (this.#used.get(name) ?? 0) + 1
    this.#used.set(name, times)
    return times > 1 ? `${name}/${times}` : name
  }
}
