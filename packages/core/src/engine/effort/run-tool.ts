// One attempt of a tool, by what the tool says that it does to the world: `read`, `idempotent`, `transactional` or
// `once`. session.ts calls this when all before it is committed (invariant 2; a read may begin sooner), and writes what
// it gives; a transaction is given back to be run by the journal writer. The tool is given the key of its place, the
// same for each attempt (invariant 3), and what it returned is recorded as keep.ts says (invariant 7).
import type { Action } from '../../agent/decide/action.ts'
import type { Draft, EntryBodies } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import { TX } from '../../contracts/within.ts'
import { retryDelayMs } from '../../define/retry.ts'
import type { AnyTool, CallContext } from '../../define/tool.ts'
import { idempotencyKey } from '../../journal/keys.ts'
import { DefinitionError, isOf, RepriseError, ToolError } from '../../values/errors.ts'
import type { Json } from '../../values/json.ts'
import type { Engine } from '../engine.ts'
import { CANCEL_GRACE_MS } from '../grace.ts'
import { callMemory, type MemoryCalled, type Remembered } from './memory.ts'
import { redactedLog } from './redacted-log.ts'
import { BAD_RESULT, expectResult, keepResult } from './keep-result.ts'
import { type Caller, CHILD_ENDED, type RestingChild, runChildTool } from './run-child-tool.ts'
import { given, isThenable } from '../../values/thenable.ts'
import { asRunning } from './running.ts'
import { tellError } from './tell-error.ts'
import { logThrown, recordThrown } from '../thrown.ts'
import { settlesWithin, unlessAborted, withTimeout } from './with-timeout.ts'
import { momentAfter } from '../../values/moment.ts'

type Call = Extract<Action, { kind: 'call' }>

/** An effect that is to run inside of the store's own transaction, and what it gives to record. */
export interface Transaction {
  readonly kind: 'transaction'
  readonly key: string
  /** Aborts where nobody waits for the effect any more: then it is rolled back, and may simply be made again. */
  readonly signal: AbortSignal
  /** A promise where the store's transactions may be asynchronous. Throws what the tool throws. */
  readonly effect: (handle: unknown) => Draft | Promise<Draft>
  /** What is recorded instead when the effect threw and was rolled back. */
  readonly failed: (error: unknown) => Draft
}

/**
 * Runs one attempt of a tool and says what is to be recorded; nothing, where it is to be begun again.
 *
 * @throws the signal's reason when it aborted and the attempt may simply be made again.
 */
export async function runTool(
  engine: Engine,
  run: Caller,
  call: Call,
  context: Json,
  signal: AbortSignal,
): Promise<Draft | Transaction | RestingChild | Remembered | undefined> {
  const ctx = callContext(engine, run, call.key, context, signal)
  const input = (): unknown => inputOf(engine, run, call)
  if (call.tool.output) await expectResult(engine, run, call.tool)
  if (call.tool.effect === 'transactional') return prepareTransaction(engine, run, call, input, ctx)
  if (call.tool.effect === 'once') return runOnce(engine, run, call, input, ctx)
  // Whatever nothing limits is not counted.
  let below: { readonly turnsBelow?: number } = {}
  const onEnded = (turns: number): void => {
    if (run.turnsLeft < Infinity) below = { turnsBelow: turns }
  }
  try {
    if (call.tool.child) {
      const ended = await runChildTool(engine, run, call, context, signal, onEnded)
      return ended?.kind === 'ended' ? withTurns(returned(engine, run, call, ended.output), below) : ended
    }
    if (call.tool.memory) return remembered(engine, run, call, await callMemory(engine, run, call, input()))
    const { value } = await withTimeout(engine, call.tool, ctx, (limited) =>
      given(() => call.tool.execute(input(), limited)),
    )
    return returned(engine, run, call, value)
  } catch (error) {
    signal.throwIfAborted()
    // That the store fails, or a child cannot be begun, is none of the model's business.
    if ((call.tool.child ?? call.tool.memory) && !isOf(error, ToolError)) throw error
    return withTurns(failed(engine, call, ctx, error, mayHaveRun(call.tool, error)), below)
  }
}

function withTurns(draft: Draft, below: { readonly turnsBelow?: number }): Draft {
  if (draft.kind === 'call.returned') return { ...draft, body: { ...draft.body, ...below } }
  return draft.kind === 'call.failed' ? { ...draft, body: { ...draft.body, ...below } } : draft
}

/** What a tool is given beside its arguments. */
export function callContext(
  engine: Pick<Engine, 'secretsOf' | 'services' | 'log'>,
  { id: runId, lineageId }: Pick<RunRow, 'id' | 'lineageId'>,
  key: string,
  context: Json,
  signal: AbortSignal,
): CallContext {
  const secrets = engine.secretsOf(lineageId)
  return {
    runId,
    idempotencyKey: idempotencyKey(runId, key),
    signal,
    context: secrets.reveal(context),
    services: engine.services,
    log: redactedLog(engine.log, secrets),
  }
}

/**
 * The arguments of a call, with the secrets that it is given by tokens.
 *
 * @throws ToolError when they break the tool's schema.
 */
export function inputOf(
  engine: Pick<Engine, 'secretsOf'>,
  { lineageId }: Pick<RunRow, 'lineageId'>,
  { input }: Pick<Call, 'input'>,
): unknown {
  return input(engine.secretsOf(lineageId).revealing)
}

/** A throw while alive is a failure; a timeout or an abort leaves open whether it happened. */
async function runOnce(
  engine: Engine,
  run: Caller,
  call: Call,
  input: () => unknown,
  ctx: CallContext,
): Promise<Draft> {
  const { tool, key, attempt } = call
  let running: ReturnType<typeof given> = Promise.resolve({ value: undefined })
  try {
    const { value } = await withTimeout(
      engine,
      tool,
      ctx,
      (limited) => (running = asRunning(run, key, engine.owner, () => given(() => tool.execute(input(), limited)))),
    )
    return returned(engine, run, call, value)
  } catch (error) {
    if (!ctx.signal.aborted && !isTimeout(error)) {
      return {
        kind: 'call.failed',
        key,
        attempt,
        body: { ...failure(engine, call, ctx, error, mayHaveRun(tool, error)), retryAt: null },
      }
    }
    // While it runs on, the world cannot say whether it happened: then a person is asked, and not the tool.
    const settled = await settlesWithin(engine.clock, running, CANCEL_GRACE_MS)
    if (settled.kind === 'returned') return returned(engine, run, call, settled.value.value)
    const reason = ctx.signal.aborted ? 'The call was aborted before its result was known.' : messageOfTimeout(tool)
    const runs = settled.kind === 'running'
    const body = { name: tool.name, reason, asked: runs, ...(runs && { running: engine.owner }) }
    return { kind: 'call.doubted', key, attempt, body }
  }
}

function isTimeout(error: unknown): boolean {
  return RepriseError.is(error) && error.code === 'tool_timeout'
}

function messageOfTimeout(tool: AnyTool): string {
  return `The call took longer than its ${String(tool.timeoutMs)} ms.`
}

async function prepareTransaction(
  engine: Engine,
  run: Caller,
  call: Call,
  read: () => unknown,
  ctx: CallContext,
): Promise<Draft | Transaction> {
  const { tool, key } = call
  let prepared: unknown
  const unused: unknown[] = []
  try {
    const input = read()
    prepared = await withTimeout(engine, tool, ctx, async (limited) => tool.prepare?.(input, limited))
    unused.push(input)
  } catch (error) {
    ctx.signal.throwIfAborted()
    return failed(engine, call, ctx, error, false)
  }
  return {
    kind: 'transaction',
    key,
    signal: ctx.signal,
    effect: (handle) => {
      // Where the store failed it runs again, and it may have changed what it was given.
      const input = unused.length > 0 ? unused.pop() : read()
      const execute = (limited: CallContext): unknown =>
        tool.execute(input, Object.assign({}, limited, { prepared, [TX]: handle }))
      if (engine.store.transacts === 'async') {
        const executed = withTimeout(engine, tool, ctx, (limited) => given(() => execute(limited)))
        return unlessAborted(ctx.signal, executed).then(({ value }) => returned(engine, run, call, value))
      }
      const result = execute(ctx)
      if (isThenable(result)) throw refuseAsync(tool, result)
      return returned(engine, run, call, result)
    },
    // It was rolled back.
    failed: (error) => failed(engine, call, ctx, error, false),
  }
}

function refuseAsync(tool: AnyTool, result: unknown): DefinitionError {
  // Nobody waits for it, and a rejection must not end the process. What is no promise of the platform may begin to work
  // when it is waited for.
  if (result instanceof Promise) result.catch(() => undefined)
  return new DefinitionError({
    code: 'transactional_async',
    message: `Tool "${tool.name}" is transactional, and its execute returned a promise, which the transactions of this store cannot wait for: what it had done by then was rolled back. Await in prepare, and let execute be synchronous.`,
  })
}

/** @throws ToolError where the output breaks the tool's schema. */
function returned(engine: Engine, run: Caller, call: Call, output: unknown): Draft {
  const { tool, key, attempt, callDigest } = call
  const kept = keepResult(engine, run, tool, output)
  return { kind: 'call.returned', key, attempt, body: { name: tool.name, asked: callDigest, ...kept } }
}

function remembered(
  engine: Engine,
  run: Caller,
  call: Call,
  { result, facts, fact }: MemoryCalled,
): Draft | Remembered {
  const draft = returned(engine, run, call, result)
  const told = draft.kind === 'call.returned' && facts ? { ...draft, body: { ...draft.body, facts } } : draft
  return fact ? { kind: 'remembered', draft: told, fact } : told
}

/** @param ran whether its effect may have happened. */
function failed(engine: Engine, call: Call, ctx: CallContext, error: unknown, ran: boolean): Draft {
  const { tool, key, attempt } = call
  // A tool that says it is no use to try again, and what was rolled back, go to the model at once.
  const final = (RepriseError.is(error) && !error.retryable) || tool.effect === 'transactional'
  const delay = final ? null : retryDelayMs(tool.retry, attempt, engine.random)
  const retryAt = delay === null ? null : momentAfter(engine.clock.now(), delay)
  return { kind: 'call.failed', key, attempt, body: { ...failure(engine, call, ctx, error, ran), retryAt } }
}

function failure(
  engine: Engine,
  { tool, key, attempt, callDigest }: Call,
  ctx: CallContext,
  error: unknown,
  ran: boolean,
): Omit<EntryBodies['call.failed'], 'retryAt'> {
  const { name } = tool
  logThrown(ctx.log, 'warn', `Tool "${name}" of the run "${ctx.runId}" threw at ${key}, attempt ${attempt}`, error)
  const recorded = recordThrown(engine, error, 'tool_threw')
  const message = tellError(engine, tool, ctx, attempt, error, recorded.message)
  return { name, asked: callDigest, error: { ...recorded, message }, ...(ran && { ran }) }
}

/**
 * Whether an effect may have happened though its tool threw: a read has none, and a ToolError that says that it is no use
 * to try again is the tool's own word that it was refused. What timed out was cut off in the middle, and a child run that
 * has ended without an answer may have done anything before; one whose tool returned what it should not has run.
 */
function mayHaveRun({ effect }: AnyTool, error: unknown): boolean {
  if (effect === 'read') return false
  return !RepriseError.is(error) || error.retryable || error.code === CHILD_ENDED || error.code === BAD_RESULT
}
