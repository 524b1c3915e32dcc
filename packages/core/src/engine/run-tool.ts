import type { Action } from '../agent/action.ts'
import type { Draft } from '../contracts/entry.ts'
import { TX } from '../contracts/store.ts'
import { retryDelayMs } from '../define/retry.ts'
import type { AnyTool, CallContext } from '../define/tool.ts'
import { callDigest } from '../journal/fingerprint.ts'
import { idempotencyKey } from '../journal/keys.ts'
import { RepriseError, TimedOutError, ToolError } from '../words/errors.ts'
import { findUnjson, type Json } from '../words/json.ts'
import { recordError } from './ask-model.ts'
import type { Engine } from './engine.ts'

type Call = Extract<Action, { kind: 'call' }>

/** An effect that is to run inside of the store's own transaction, and what it gives to record. */
export interface Transaction {
  readonly kind: 'transaction'
  readonly key: string
  /** Throws what the tool throws. */
  readonly effect: (handle: unknown) => Draft
  /** What is recorded instead when the effect threw and was rolled back. */
  readonly failed: (error: unknown) => Draft
}

/**
 * Runs one attempt of a tool and says what is to be recorded.
 *
 * @throws the signal's reason when it aborted and the attempt may simply be made again.
 */
export async function runTool(
  engine: Engine,
  runId: string,
  call: Call,
  context: Json,
  signal: AbortSignal,
): Promise<Draft | Transaction> {
  const { tool, input, key } = call
  const ctx = callContext(engine, runId, key, context, signal)
  if (tool.effect === 'transactional') return prepareTransaction(engine, call, ctx)
  try {
    return returned(call, await withTimeout(engine, tool, ctx, (limited) => tool.execute(input, limited)))
  } catch (error) {
    if (tool.effect === 'once') return onceFailed(call, error, signal)
    signal.throwIfAborted()
    return failed(engine, call, error)
  }
}

/** What a tool is given beside its arguments. */
export function callContext(
  engine: Engine,
  runId: string,
  key: string,
  context: Json,
  signal: AbortSignal,
): CallContext {
  return {
    runId,
    idempotencyKey: idempotencyKey(runId, key),
    signal,
    context,
    services: engine.services,
    log: engine.log,
  }
}

async function prepareTransaction(engine: Engine, call: Call, ctx: CallContext): Promise<Draft | Transaction> {
  const { tool, input, key } = call
  let prepared: unknown
  try {
    prepared = await withTimeout(engine, tool, ctx, (limited) => tool.prepare?.(input, limited))
  } catch (error) {
    ctx.signal.throwIfAborted()
    return failed(engine, call, error)
  }
  return {
    kind: 'transaction',
    key,
    effect: (handle) => {
      const result = tool.execute(input, Object.assign({}, ctx, { prepared, [TX]: handle }))
      if (result instanceof Promise) throw isAsync(tool)
      return returned(call, result)
    },
    failed: (error) => failed(engine, call, error),
  }
}

function isAsync(tool: AnyTool): ToolError {
  return new ToolError({
    code: 'transactional_async',
    message: `Tool "${tool.name}" is transactional, and its execute returned a promise: nothing was kept. Await in prepare, and let execute be synchronous.`,
  })
}

function returned({ tool, input, key, attempt }: Call, output: unknown): Draft {
  const result = output === undefined ? null : output
  const lost = findUnjson(result)
  if (lost) {
    throw new ToolError({
      code: 'result_not_json',
      message: `Tool "${tool.name}" ran, but a journal cannot keep its result: ${lost.path || 'it'} is ${lost.found}. Return plain JSON.`,
      details: lost,
    })
  }
  return {
    kind: 'call.returned',
    key,
    attempt,
    body: { name: tool.name, asked: callDigest(tool.name, input), result: result as Json },
  }
}

function failed(engine: Engine, { tool, input, key, attempt }: Call, error: unknown): Draft {
  // A tool that says it is no use to try again, and what was rolled back, go to the model at once.
  const final = (RepriseError.is(error) && !error.retryable) || tool.effect === 'transactional'
  const delay = final ? null : retryDelayMs(tool.retry, attempt, engine.random)
  const retryAt = delay === null ? null : engine.clock.now() + delay
  const body = {
    name: tool.name,
    asked: callDigest(tool.name, input),
    error: recordError(error, 'tool_threw'),
    retryAt,
  }
  return { kind: 'call.failed', key, attempt, body }
}

/** A throw while alive is a failure; a timeout or an abort leaves open whether it happened. */
function onceFailed({ tool, input, key, attempt }: Call, error: unknown, signal: AbortSignal): Draft {
  if (signal.aborted || error instanceof TimedOutError) {
    const reason = signal.aborted
      ? 'The call was aborted before its result was known.'
      : error instanceof Error
        ? error.message
        : ''
    return { kind: 'call.doubted', key, attempt, body: { name: tool.name, reason } }
  }
  const body = {
    name: tool.name,
    asked: callDigest(tool.name, input),
    error: recordError(error, 'tool_threw'),
    retryAt: null,
  }
  return { kind: 'call.failed', key, attempt, body }
}

/** Runs a tool's function within its time, aborting its signal when that is over. */
export async function withTimeout<T>(
  engine: Engine,
  tool: AnyTool,
  ctx: CallContext,
  run: (ctx: CallContext) => T,
): Promise<Awaited<T>> {
  const { timeoutMs } = tool
  if (timeoutMs === undefined) return await run(ctx)
  const done = new AbortController()
  const over = new AbortController()
  const timeout = engine.clock.sleep(timeoutMs, done.signal).then(() => {
    const error = new TimedOutError({
      code: 'tool_timeout',
      message: `Tool "${tool.name}" took longer than its ${timeoutMs} ms.`,
      details: { timeoutMs },
      retryable: true,
    })
    over.abort(error)
    throw error
  })
  try {
    return await Promise.race([run({ ...ctx, signal: AbortSignal.any([ctx.signal, over.signal]) }), timeout])
  } finally {
    // The timer's own abort is not news to anybody.
    timeout.catch(() => undefined)
    done.abort()
  }
}
