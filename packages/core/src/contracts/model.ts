import type { NanoUsd } from '../values/money.ts'
import type { Spent, Usage } from '../values/spent.ts'
import type { HostedTool } from './hosted.ts'
import type { Item, ReplyItem } from './item.ts'
import type { RateLimits } from './limits.ts'
import type { JsonSchema } from './schema.ts'

/** Settings that a model may be given; what is absent is left to the service. */
export interface ModelSettings {
  /** 0 to 2. */
  readonly temperature?: number
  /** 0 to 1. */
  readonly topP?: number
  readonly reasoningEffort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh'
}

/** A tool as a model is shown it. */
export interface ToolCard {
  readonly name: string
  readonly description: string
  /** Strict JSON Schema of the arguments: an object. */
  readonly parameters: JsonSchema
}

/** The shape that an answer must have. */
export interface OutputCard {
  readonly name: string
  /** Strict JSON Schema: an object. */
  readonly schema: JsonSchema
}

/** A memory that an agent has, as a run keeps it: the model is shown what is read of it, and its tools. */
export interface MemoryCard {
  readonly name: string
  /** Whose facts it keeps: those of the run's user, or of its tenant. */
  readonly scope: 'user' | 'tenant'
  /** The field of a fact that it is known by. */
  readonly key: string
  /** How many facts are shown at the beginning. */
  readonly facts: number
}

/**
 * An agent as a model is shown it, the instructions aside. Recorded with a run, so that the run can go on with it
 * when the code has changed.
 */
export interface AgentCard {
  readonly agent: string
  readonly version: number
  readonly model: string
  readonly settings: ModelSettings
  /** The most tokens of one reply. */
  readonly maxOutputTokens: number
  readonly tools: readonly ToolCard[]
  /** Tools of the service's own; absent where there are none. */
  readonly hosted?: readonly HostedTool[]
  /** Whether one reply may hold several calls; absent where it may. */
  readonly parallelCalls?: false
  /** What is read before its first turn; absent where there is none. */
  readonly memory?: readonly MemoryCard[]
  readonly output: OutputCard | null
}

/** One question to a model: the whole conversation, and what it may do. */
export interface ModelRequest {
  readonly runId: string
  readonly card: AgentCard
  readonly instructions: string
  /** The conversation so far. Not to be kept or changed: it grows. */
  readonly items: readonly Item[]
  /**
   * The names of the tools that may be called now, where that is not all of them. None means: answer in words.
   * Hosted tools are not among them: they may always be used.
   */
  readonly allowedTools?: readonly string[]
  /** That the reply must hold a call: of any tool that may be called, or of the one that is named. Absent where it need not. */
  readonly toolChoice?: 'required' | { readonly name: string }
  /** A response that was accepted for this very request and never heard: it is taken up, not asked for again. */
  readonly pending?: { readonly responseId: string }
  /** The day on which the run stands by what is recorded, as `2026-11-22`; the model may be told. */
  readonly today?: string
}

/** Why a reply ended; `other` where the service says so in a word that is not known here. */
export type Finish = 'stop' | 'length' | 'content-filter' | 'other'

/** A model's whole reply. */
export interface ModelReply {
  readonly items: readonly ReplyItem[]
  readonly finish: Finish
  /** The service's own word for why the reply ended, where `finish` is `other`. */
  readonly finishWord?: string
  /** Absent where the service gave none. */
  readonly usage?: Usage
  /** Absent where the model's price or the usage is not known: an unknown price is never zero. */
  readonly costNano?: NanoUsd
  /** The exact model that answered, by the service's name. */
  readonly model: string
  readonly responseId?: string
  readonly requestId?: string
}

/**
 * What a model sends while it answers: words as they come, then the whole reply, once and last.
 *
 * `accepted` comes before the words, from a service that goes on answering when nobody listens: whoever writes the id
 * down and gives it back as `pending` hears the same response again and does not pay twice. A ModelError whose
 * details say `ended: true` tells that the accepted response is over: the next ask must do without it.
 */
export type ModelEvent =
  | { readonly kind: 'limits'; readonly limits: RateLimits }
  | { readonly kind: 'accepted'; readonly responseId: string }
  | { readonly kind: 'text'; readonly delta: string }
  | { readonly kind: 'reply'; readonly reply: ModelReply }

/** How much a model reads, and what a token costs. What is absent is not known. */
export interface ModelFigures {
  /** The most tokens of one request and its reply together. */
  readonly contextTokens?: number
  /** The most tokens of one request, where its service limits those alone. */
  readonly inputTokens?: number
  readonly inputNano?: NanoUsd
  /** Of a token that is read from the prompt cache. */
  readonly cachedNano?: NanoUsd
  readonly outputNano?: NanoUsd
}

/** A model that answers. */
export interface Model {
  /**
   * Asks once, without retries of its own.
   *
   * @param signal aborts the request; the iteration then throws.
   * @throws ModelError by the iteration, saying whether the same request may succeed later and after how long;
   * DefinitionError when this process is not set up to ask at all: the run stays as it is, for a process that is.
   */
  ask(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>

  /** How much a model reads and what that costs, by the name that an agent has; undefined where nothing is known of it. */
  figures?(model: string): ModelFigures | undefined

  /**
   * Says what a request may cost at most: all that is read, and as much written as is allowed. It is asked for where a reply
   * broke off and nobody can tell what was charged. Where it is absent, or rejects, such an ask counts as one of unknown price.
   */
  reserve?(request: ModelRequest): Promise<Pick<Spent, 'usage' | 'costNano'>>
}
