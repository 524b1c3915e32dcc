import type { Item } from '../contracts/item.ts'
import type { InferOutput, Schema } from '../contracts/schema.ts'
import { compile, type CompiledSchema } from '../schema/compile.ts'
import { DefinitionError } from '../values/errors.ts'
import type { Json, Jsonify } from '../values/json.ts'
import type { AnyAgent } from './agent.ts'
import { badArgument, checkKind, checkOptions, isObject } from './argument.ts'
import { checkCount } from './names.ts'

/** What a function that says what moves is given. It may not change it. */
export interface HandedOver<Payload = Json | undefined> {
  /** The agent that hands over. */
  readonly from: string
  readonly to: string
  /** The conversation so far, with tokens for secrets. */
  readonly items: readonly Item[]
  /** As the handoff's schema gave it; undefined without one. */
  readonly payload: Payload
  /** The run's context as it was journaled. */
  readonly context: unknown
}

/** A summary that a model writes: one more reply of the run, with its tokens, its cost and its turn of the budget. */
export interface HandoffSummary {
  /** @default the model of the agent that hands over, whose prompt cache holds the conversation */
  readonly model?: string
  /** What the model is asked for, after the conversation. @default who wants what, what was found out and done, what is open */
  readonly instructions?: string
  /** The most tokens of the summary; what is longer is cut, and says so. @default 1024 */
  readonly maxOutputTokens?: number
}

/**
 * What of the conversation the next agent reads: all of it; nothing but the payload; a summary that a model writes; or the
 * text that a function gives, at once.
 */
export type HandoffHistory<Payload = Json | undefined> =
  | 'all'
  | 'payload'
  | 'summary'
  | HandoffSummary
  | ((handed: HandedOver<Payload>) => string)

/** The payload that a schema describes, as it comes back from the journal. */
type PayloadOf<Payload extends Schema | undefined> = [Payload] extends [Schema]
  ? Jsonify<InferOutput<Payload>>
  : undefined

/** What `handoff` takes beside the agent. */
export interface HandoffOptions<Payload extends Schema | undefined> {
  /** What the model reads of the handoff: when to make it, and what becomes of the conversation. @default that the agent answers from then on */
  readonly description?: string
  /** What is handed over with it, as the model says it: a Standard Schema of an object that offers JSON Schema. */
  readonly payload?: Payload
  /** @default 'all' */
  readonly history?: HandoffHistory<PayloadOf<Payload>>
}

/** What moves, as the engine holds it. */
export type Moves =
  | { readonly kind: 'all' | 'payload' }
  | { readonly kind: 'summary'; readonly by: (handed: HandedOver) => string }
  | {
      readonly kind: 'asked-summary'
      readonly model: string | undefined
      readonly instructions: string | undefined
      readonly maxOutputTokens: number
    }

/** A way from one agent to another. */
export interface Handoff<Target extends AnyAgent = AnyAgent> {
  readonly kind: 'handoff'
  readonly agent: Target
  readonly description: string | undefined
  readonly payload: CompiledSchema | undefined
  readonly moves: Moves
}

/** The most tokens of a summary where nobody says anything. */
const SUMMARY_TOKENS = 1_024

const ALL: Moves = { kind: 'all' }

/**
 * Says more of a handoff than whom it goes to: for the list of a team's `handoffs`, in the place of the agent.
 *
 * The payload is checked as arguments of a tool are, recorded with the handoff, and told to the next agent. What moves of the
 * conversation is recorded as the next agent reads it. Pictures and files move with `'all'` alone.
 *
 * @throws DefinitionError when a strict schema cannot say the payload, or `history` is `'payload'` without one.
 * @example
 * ```ts
 * import { defineAgent, defineTeam, handoff } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const model = 'gpt-4.1-mini'
 * const triage = defineAgent({ name: 'triage', model, instructions: 'Hand over to whoever can help.' })
 * const returns = defineAgent({ name: 'returns', model, instructions: 'You take goods back.' })
 * const toReturns = handoff(returns, {
 *   description: 'Hands over to the people who take goods back, once the order is known. They answer from then on.',
 *   payload: z.object({ orderId: z.string(), reason: z.enum(['broken', 'unwanted']) }),
 *   history: 'payload',
 * })
 * const desk = defineTeam({ name: 'desk', entry: triage, handoffs: [[triage, [toReturns]]] })
 * ```
 */
export function handoff<Target extends AnyAgent, Payload extends Schema | undefined = undefined>(
  agent: Target,
  options: HandoffOptions<Payload>,
): Handoff<Target> {
  const makes = 'Give it the agent to hand over to, and { description, payload, history }.'
  checkKind('handoff was given agent', agent, ['agent'], makes)
  checkOptions('handoff was given options', options, makes)
  const where = `The handoff to "${agent.name}"`
  const { description, history = 'all' } = options
  if (description !== undefined && (typeof description !== 'string' || description === ''))
    throw badArgument(`${where}: description`, description, 'Give it a text, or leave it out.')
  const payload = options.payload && compilePayload(options.payload, where)
  if (history === 'payload' && !payload) throw nothingMoves(where)
  // The engine gives the function the payload that the schema made.
  return { kind: 'handoff', agent, description, payload, moves: movesOf(where, history as HandoffHistory) }
}

/** A way to an agent of which nothing more is said. */
export function asHandoff(target: AnyAgent | Handoff): Handoff {
  if (target.kind === 'handoff') return target
  return { kind: 'handoff', agent: target, description: undefined, payload: undefined, moves: ALL }
}

function compilePayload(schema: Schema, where: string): CompiledSchema {
  const payload = compile(schema, `${where}: payload`)
  if (payload.wrapped)
    throw new DefinitionError({
      code: 'schema_unsupported',
      message: `${where}: payload is not an object, and the arguments of a call are one. Use an object with a property for it.`,
    })
  if (!payload.secrets) return payload
  throw new DefinitionError({
    code: 'bad_secret',
    message: `${where}: payload${payload.secrets.first} is a secret, and the next agent's model reads the payload. Let a tool take it instead.`,
    details: { where, path: payload.secrets.first },
  })
}

function movesOf(where: string, history: HandoffHistory): Moves {
  if (history === 'all' || history === 'payload') return { kind: history }
  if (typeof history === 'function') return { kind: 'summary', by: history }
  if (history !== 'summary' && !isObject(history))
    throw badArgument(
      `${where}: history`,
      history,
      `Give it 'all', 'payload', 'summary', { model, instructions, maxOutputTokens }, or a function that gives the text.`,
    )
  const options: HandoffSummary = history === 'summary' ? {} : history
  const { model, instructions, maxOutputTokens = SUMMARY_TOKENS } = options
  checkCount(where, 'history.maxOutputTokens', maxOutputTokens)
  for (const [name, text] of Object.entries<unknown>({ model, instructions }))
    if (text !== undefined && (typeof text !== 'string' || text === ''))
      throw badArgument(`${where}: history.${name}`, text, 'Give it a text, or leave it out.')
  return { kind: 'asked-summary', model, instructions, maxOutputTokens }
}

function nothingMoves(where: string): DefinitionError {
  return new DefinitionError({
    code: 'bad_handoff',
    message: `${where} moves the payload alone, and has none: its agent would read nothing. Give it a payload, or another history: 'all', 'summary', or a function.`,
  })
}
