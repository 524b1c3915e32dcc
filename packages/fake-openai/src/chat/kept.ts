import { ApiError } from '../http/api-error.ts'
import type { ReplyParts } from '../reply/response.ts'
import type { ChatBody, ChatMessage } from './body.ts'
import { completionOf } from './completion.ts'

/** A completion that was asked for with `store`. */
export interface KeptCompletion {
  readonly id: string
  readonly completion: Readonly<Record<string, unknown>>
  readonly messages: readonly ChatMessage[]
}

/** The newest completions: they can be read again, until they are deleted or the server ends. */
export class KeptCompletions {
  readonly #kept = new Map<string, KeptCompletion>()
  readonly #most: number
  #dropped = 0

  constructor(most: number) {
    this.#most = most
  }

  keep(parts: ReplyParts, chat: ChatBody, requestId: string): void {
    const id = parts.id('chatcmpl')
    const completion = { ...completionOf(parts), request_id: requestId, ...askedOf(chat) }
    this.#kept.set(id, { id, completion, messages: chat.messages })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size <= this.#most || oldest === undefined) return
    this.#kept.delete(oldest)
    this.#dropped += 1
  }

  /** @throws ApiError where there is no such completion; the platform's own words for it are not known. */
  get(id: string): KeptCompletion {
    const kept = this.#kept.get(id)
    if (kept) return kept
    const why =
      this.#dropped === 0
        ? ''
        : ` This fake server keeps ${this.#most} completions and has dropped the ${this.#dropped} before them: see 'keep' of its options.`
    throw new ApiError(`Chat completion with id '${id}' not found.${why}`, { status: 404 })
  }

  all(): readonly KeptCompletion[] {
    return [...this.#kept.values()]
  }

  /** @throws ApiError where there is no such completion. */
  update(id: string, metadata: unknown): KeptCompletion {
    const { completion, messages } = this.get(id)
    const updated = { id, completion: { ...completion, metadata }, messages }
    this.#kept.set(id, updated)
    return updated
  }

  /** @throws ApiError where there is no such completion. */
  delete(id: string): void {
    this.get(id)
    this.#kept.delete(id)
  }
}

/** What a stored completion repeats of its request. */
function askedOf(chat: ChatBody): object {
  return {
    tools: chat.tools ?? null,
    tool_choice: chat.tool_choice ?? null,
    response_format: chat.response_format ?? null,
    temperature: chat.temperature ?? 1,
    top_p: chat.top_p ?? 1,
    presence_penalty: chat.presence_penalty ?? 0,
    frequency_penalty: chat.frequency_penalty ?? 0,
    seed: chat.seed ?? null,
    input_user: chat.user ?? null,
    metadata: chat.metadata ?? {},
  }
}
