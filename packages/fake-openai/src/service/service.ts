import type { Clock } from '@reprise/core'
import type { Files } from '../files/files.ts'
import { askScript } from './ask-script.ts'
import type { Ledger } from '../billing/ledger.ts'
import type { Conversations } from '../conversations/conversations.ts'
import { type FaultPlan, plannedFault } from '../faults/plan.ts'
import type { FaultKind } from '../script/fault-kinds.ts'
import { spoil } from '../faults/spoil.ts'
import { ApiError } from '../http/api-error.ts'
import type { MakeId } from '../http/ids.ts'
import type { FakeModel, NamedModel } from '../models/model.ts'
import type { ServedModels } from '../models/models.ts'
import { scriptedError } from '../http/send.ts'
import { estimateTokens } from '../limits/estimate.ts'
import type { RateLimits } from '../limits/rate-limits.ts'
import type { Prompt } from '../prompt/prompt-tree.ts'
import type { Meter, WireUsage } from '../prompt/usage.ts'
import { Reasoned } from '../reply/reasoned.ts'
import type { ReplyParts } from '../reply/response.ts'
import type { FakeAnswer, FakeAsk, FakeLane, FakeReply, FakeScript } from '../script/script.ts'
import { stopped } from './stop.ts'
import type { Named } from '../validate/named.ts'
import type { ValidRequest } from '../validate/validate.ts'

/** A right request, however it came. */
export interface RightRequest extends ValidRequest {
  readonly api: FakeAsk['api']
  readonly lane: FakeLane
  readonly headers: Readonly<Record<string, string>>
  readonly id: MakeId
}

/** What may be charged: a reply, or something that no script makes. */
export interface Charged {
  readonly model: NamedModel
  readonly usage: WireUsage
  readonly reply?: FakeReply
}

/** A fault that happened. */
export interface FaultRecord {
  /** Which right request met it, from 1. */
  readonly n: number
  readonly fault: FaultKind
}

/** What a service is made of. */
export interface ServiceParts {
  readonly script: FakeScript
  readonly meter: Meter
  readonly limits: RateLimits
  readonly ledger: Ledger
  readonly clock: Clock
  readonly plan: FaultPlan
  readonly models: ServedModels
  readonly files: Files
  readonly conversations: Conversations
}

/** What stands behind every endpoint that replies: limits, the script, faults, tokens and money. */
export class Service {
  readonly #parts: ServiceParts
  readonly faults: FaultRecord[] = []
  readonly reasoned = new Reasoned()
  #n = 0

  constructor(parts: ServiceParts) {
    this.#parts = parts
  }

  get clock(): Clock {
    return this.#parts.clock
  }

  get models(): ServedModels {
    return this.#parts.models
  }

  get conversations(): Conversations {
    return this.#parts.conversations
  }

  /** What a request may name. */
  get named(): Named {
    const { models, files, conversations } = this.#parts
    return {
      find: models.find,
      hasFile: (id) => files.has(id),
      conversation: (id) => conversations.items(id),
      reasonedBefore: (id) => this.reasoned.before(id),
    }
  }

  /** Reads a request as the model would. */
  count(body: ValidRequest['body'], api: FakeAsk['api']): Prompt {
    return this.#parts.meter.prompt(body, api)
  }

  /**
   * Lets a live request through the limits of its model.
   *
   * @returns the headers of whatever is answered.
   * @throws ApiError where a limit is reached.
   */
  admit({ body, model }: ValidRequest): Readonly<Record<string, string>> {
    return this.take(model, estimateTokens(body))
  }

  /**
   * Takes tokens off the limits of a model.
   *
   * @returns the headers of whatever is answered.
   * @throws ApiError where a limit is reached.
   */
  take(model: NamedModel, tokens: number): Readonly<Record<string, string>> {
    return this.#parts.limits.take(model, tokens)
  }

  /**
   * Has a model read a request without a reply.
   *
   * @returns what that uses.
   * @throws ApiError where it is too long.
   */
  read({ body, model }: ValidRequest): WireUsage {
    return this.#parts.meter.charge(this.#prompt(body, model, 'responses'), model, [])
  }

  #prompt(body: ValidRequest['body'], model: FakeModel, api: FakeAsk['api']): Prompt {
    const prompt = this.count(body, api)
    if (prompt.tokens > model.context) throw contextExceeded()
    return prompt
  }

  /**
   * Asks the script and makes of its answer what is said.
   *
   * @returns undefined where nothing is ever said.
   * @throws ApiError where the answer is an error.
   */
  async reply(request: RightRequest): Promise<ReplyParts | undefined> {
    const { body, model, api, lane, headers, id } = request
    const { meter, script, clock } = this.#parts
    const prompt = this.#prompt(body, model, api)
    this.#n += 1
    const n = this.#n
    const replies: FakeReply[] = []
    for (let choice = 0; choice < (body.n ?? 1); choice += 1) {
      const said = await askScript(() => script({ body, n, choice, model: body.model, headers, api, lane }), n)
      const answer = this.#meetFault(said, { n, choice }, request)
      if ('hang' in answer) return undefined
      if ('error' in answer) throw scriptedError(answer.error)
      replies.push(this.#end(answer, request))
    }
    const [reply = {}, ...others] = replies
    const usage = meter.charge(prompt, model, replies, { lane, api })
    return { body, model, reply, others, usage, id, createdAt: Math.floor(clock.now() / 1000) }
  }

  /** Ends a reply where the request has it end. */
  #end(reply: FakeReply, { body, model, api }: RightRequest): FakeReply {
    return this.#parts.meter.cut(stopped(reply, body.stop), body.max_output_tokens ?? model.maxOutput, api)
  }

  /** Puts what was used on the invoice, unless the reply failed. */
  charge({ model, usage, reply }: Charged, lane: FakeLane): void {
    if (!reply?.failure) this.#parts.ledger.charge(model, lane, usage)
  }

  /** A fault that was planned for a request is met by the first of its replies. */
  #meetFault(answer: FakeAnswer, { n, choice }: Pick<FakeAsk, 'n' | 'choice'>, { lane, id }: RightRequest): FakeAnswer {
    if ('hang' in answer || 'error' in answer) return answer
    const planned = lane === 'live' && choice === 0 ? plannedFault(this.#parts.plan, n, id) : undefined
    const fault = answer.fault ?? planned
    if (fault === undefined) return answer
    const spoiled = spoil(answer, fault, id)
    if (spoiled) this.faults.push({ n, fault })
    return spoiled ?? answer
  }
}

function contextExceeded(): ApiError {
  const message = 'Your input exceeds the context window of this model. Please adjust your input and try again.'
  return new ApiError(message, { param: 'input', code: 'context_length_exceeded' })
}
