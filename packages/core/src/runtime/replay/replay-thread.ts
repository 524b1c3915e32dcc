// The thread that replays runs under a module's runtime: it begins no run, owns none and beats for none.
import { parentPort, workerData } from 'node:worker_threads'
import type { Replays } from './replays.ts'
import type { ReplayAsk, ReplayThreadData, ReplayTold } from './threads.ts'

/** As much of a runtime as is used here: the module may have another copy of the package. */
interface ReplayingRuntime {
  replay(filter: { readonly ids: readonly string[] }): Replays
  close(): Promise<void>
}

const { module } = workerData as ReplayThreadData // only threads.ts starts this thread
const runtime = await load()
if (runtime) tell({ kind: 'loaded' })
parentPort?.on('message', (ids: ReplayAsk) => {
  if (runtime) void (ids.length > 0 ? replay(runtime, ids) : end(runtime))
})

async function load(): Promise<ReplayingRuntime | undefined> {
  try {
    const { runtime, ...others } = (await import(module)) as Readonly<Record<string, unknown>>
    if (isRuntime(runtime)) return runtime
    tell({ kind: 'unloaded', message: `it exports no runtime, but ${Object.keys(others).join(', ') || 'nothing'}` })
  } catch (error) {
    tell({ kind: 'unloaded', message: error instanceof Error ? error.message : String(error) })
  }
  return undefined
}

function isRuntime(value: unknown): value is ReplayingRuntime {
  return typeof value === 'object' && value !== null && 'replay' in value && 'close' in value
}

async function replay(runtime: ReplayingRuntime, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    let told: ReplayTold = { kind: 'replayed', replay: undefined }
    for await (const replay of runtime.replay({ ids: [id] })) told = { kind: 'replayed', replay }
    tell(told)
  }
  tell({ kind: 'done' })
}

async function end(runtime: ReplayingRuntime): Promise<void> {
  await runtime.close()
  // What the module left open would keep the thread alive.
  process.exit()
}

function tell(told: ReplayTold): void {
  parentPort?.postMessage(told)
}
