// The time that a tool has. run-tool.ts and reconcile.ts call this; what it means that the time is over follows from
// the tool's effect, and is theirs to say.
import type { Clock } from '../../contracts/clock.ts'
import type { AnyTool, CallContext } from '../../define/tool.ts'
import { TimedOutError } from '../../values/errors.ts'
import type { Engine } from '../engine.ts'

/**
 * Runs a tool's function within its time, aborting its signal when that is over.
 *
 * @throws TimedOutError with code `tool_timeout`; the signal's reason when it aborts.
 */
export function withTimeout<T>(
  engine: Pick<Engine, 'clock'>,
  { name, timeoutMs }: AnyTool,
  ctx: CallContext,
  run: (ctx: CallContext) => Promise<T>,
): Promise<T> {
  return timeoutMs === undefined ? run(ctx) : runWithin(timeoutMs, engine, name, ctx, run)
}

async function runWithin<T>(
  timeoutMs: number,
  engine: Pick<Engine, 'clock'>,
  name: string,
  ctx: CallContext,
  run: (ctx: CallContext) => Promise<T>,
): Promise<T> {
  const done = new AbortController()
  const over = new AbortController()
  const timeout = engine.clock.sleep(timeoutMs, done.signal).then(() => {
    const error = new TimedOutError({
      code: 'tool_timeout',
      message: `Tool "${name}" took longer than its ${timeoutMs} ms.`,
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
    done.abort('done')
  }
}

/** Waits for a promise a little longer, and says how it stands then. */
export async function settlesWithin<T>(
  clock: Clock,
  promise: Promise<T>,
  ms: number,
): Promise<
  { readonly kind: 'returned'; readonly value: T } | { readonly kind: 'threw' } | { readonly kind: 'running' }
> {
  const done = new AbortController()
  const late = clock.sleep(ms, done.signal).then(
    () => ({ kind: 'running' }) as const,
    () => ({ kind: 'running' }) as const,
  )
  const settled = promise.then(
    (value) => ({ kind: 'returned', value }) as const,
    () => ({ kind: 'threw' }) as const,
  )
  try {
    return await Promise.race([settled, late])
  } finally {
    done.abort('done')
  }
}

/**
 * Waits for a promise as long as a signal does not abort; what comes of it later is nobody's.
 *
 * @throws the signal's reason when it aborts.
 */
export async function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const settled = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    const refuse = (): void => reject(signal.reason)
    if (signal.aborted) refuse()
    else signal.addEventListener('abort', refuse, { once: true, signal: settled.signal })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    settled.abort('settled')
  }
}
