// How a call of a shadow run is answered: from the recording, or as is declared for calls that it does not have. No tool
// runs, but one that only reads, where that is asked for.
import type { Action } from '../../agent/decide/action.ts'
import type { CallAnswer } from '../../agent/compare/made-calls.ts'
import type { Draft, EntryBodies } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import { retryDelayMs } from '../../define/retry.ts'
import type { CallContext } from '../../define/tool.ts'
import { RepriseError } from '../../values/errors.ts'
import type { Json } from '../../values/json.ts'
import { momentAfter } from '../../values/moment.ts'
import { given } from '../../values/thenable.ts'
import type { Engine } from '../engine.ts'
import { keep } from '../effort/keep.ts'
import { expectResult, keepResult } from '../effort/keep-result.ts'
import { inputOf } from '../effort/run-tool.ts'
import { tellError } from '../effort/tell-error.ts'
import { withTimeout } from '../effort/with-timeout.ts'
import { recordThrown } from '../thrown.ts'
import type { LiveAnswer, UnrecordedCall } from './outside.ts'

/** A call that is to be answered. */
export type Call = Extract<Action, { kind: 'call' }>

/** What a tool that only reads is run with. */
export type ReadEngine = Pick<
  Engine,
  'clock' | 'random' | 'log' | 'recordStacks' | 'services' | 'onError' | 'secretsOf'
>

/** What the recording says of a call, as an entry of the candidate's. */
export function recordedDraft({ key, attempt, tool, callDigest }: Call, answer: CallAnswer): Draft {
  const { name } = tool
  if (answer.kind === 'returned') {
    const { result, lost, bound, entry } = answer
    const parts = entry?.body.parts
    const more = { ...(lost && { lost }), ...(bound && { bound }), ...(parts && { parts }) }
    return {
      kind: 'call.returned',
      key,
      attempt,
      body: { name, asked: callDigest, result, ...more },
    }
  }
  const { error, ran, bound } = answer
  const more = { ...(ran && { ran }), ...(bound && { bound }) }
  const body = { name, asked: callDigest, error, retryAt: null, ...more } as const
  return { kind: 'call.failed', key, attempt, body }
}

/** What somebody says that a call would have come to. Undefined where nobody says it. */
export async function simulated(
  engine: ReadEngine,
  call: Call,
  asked: UnrecordedCall,
  simulate: (call: UnrecordedCall) => Json | undefined | Promise<Json | undefined>,
  ctx: CallContext,
): Promise<LiveAnswer | undefined> {
  try {
    const result = await simulate(asked)
    return result === undefined ? undefined : returned(engine, call, result)
  } catch (error) {
    return failed(engine, call, ctx, error, null)
  }
}

/** Runs a tool that only reads once, with its secrets. */
export async function readLive(
  engine: ReadEngine,
  run: Pick<RunRow, 'lineageId'>,
  call: Call,
  ctx: CallContext,
): Promise<LiveAnswer> {
  const { tool, attempt } = call
  try {
    const { value } = await withTimeout(engine, tool, ctx, (limited) =>
      given(() => tool.execute(inputOf(engine, run, call), limited)),
    )
    if (tool.output) await expectResult(engine, run, tool)
    const body = { name: tool.name, asked: call.callDigest, ...keepResult(engine, run, tool, value) }
    return { kind: 'call.returned', body }
  } catch (error) {
    ctx.signal.throwIfAborted()
    const isFinal = RepriseError.is(error) && !error.retryable
    const delay = isFinal ? null : retryDelayMs(tool.retry, attempt, engine.random)
    return failed(engine, call, ctx, error, delay === null ? null : momentAfter(engine.clock.now(), delay))
  }
}

function returned({ log }: ReadEngine, { tool: { name }, callDigest }: Call, value: unknown): LiveAnswer {
  return { kind: 'call.returned', body: { name, asked: callDigest, ...keep({ log }, `Tool "${name}"`, value) } }
}

function failed(
  engine: ReadEngine,
  { tool, attempt, callDigest }: Call,
  ctx: CallContext,
  thrown: unknown,
  retryAt: number | null,
): LiveAnswer {
  const recorded = recordThrown(engine, thrown, 'tool_threw')
  const message = tellError(engine, tool, ctx, attempt, thrown, recorded.message)
  const body: EntryBodies['call.failed'] = {
    name: tool.name,
    asked: callDigest,
    error: { ...recorded, message },
    retryAt,
  }
  return { kind: 'call.failed', body }
}
