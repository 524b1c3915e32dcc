// What a shadow run asks the world for, as interfaces: whoever backtests gives them.
import type { EntryBodies, EntryOf } from '../../contracts/entry.ts'
import type { ModelRequest } from '../../contracts/model.ts'
import type { Effect } from '../../define/tool.ts'
import type { Digest } from '../../values/digest.ts'
import type { Json } from '../../values/json.ts'
import type { Spent } from '../../values/spent.ts'

/** A call of the candidate that the recording does not have. */
export interface UnrecordedCall {
  readonly runId: string
  /** Of the candidate's call. */
  readonly key: string
  readonly agent: string
  readonly tool: string
  readonly effect: Effect
  /** What the schema made of them, with tokens for secrets. */
  readonly arguments: Json
}

/**
 * What becomes of a call that the recording does not have. `stop`: the run is compared up to there. `simulate`: a function
 * says what the tool would have given, or throws as the tool would; where it gives undefined, the run stops. `read-live`: a
 * tool whose effect is `read` is really run; at any other the run stops.
 */
export type Unrecorded =
  | 'stop'
  | 'read-live'
  | { readonly simulate: (call: UnrecordedCall) => Json | undefined | Promise<Json | undefined> }

/** What a call that is not recorded came to. */
export type LiveAnswer = Pick<EntryOf<'call.returned'>, 'kind' | 'body'> | Pick<EntryOf<'call.failed'>, 'kind' | 'body'>

/** Keeps what was told from outside, so that nobody is asked twice. */
export interface Kept {
  /** Whether anything is kept, or was. */
  readonly keeps: boolean
  reply(of: Digest): { readonly body: EntryBodies['model.replied']; readonly ms: number } | undefined
  keepReply(of: Digest, body: EntryBodies['model.replied'], ms: number): Promise<void>
  call(of: Digest): LiveAnswer | undefined
  keepCall(of: Digest, answer: LiveAnswer): Promise<void>
}

/** Lets asks begin, and adds up what they cost. */
export interface Purse {
  /**
   * Resolves when an ask may begin.
   *
   * @returns what is to be called with what it was charged, once it is over.
   * @throws RepriseError with `mendable` when it would go beyond what may be spent.
   */
  open(request: ModelRequest): Promise<(spent: Spent | undefined) => void>
}
