// Replays runs in threads. Functions cannot be sent to one, so each imports the module that makes the runtime; it is told
// the ids of a few runs at a time, and tells what came of each. What ends a thread is laid to the run that it was at.
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Worker } from 'node:worker_threads'
import type { RunRow } from '../../contracts/run.ts'
import { DefinitionError, messageOf } from '../../values/errors.ts'
import { UNKNOWN } from './cause.ts'
import type { RunReplay } from './run-replay.ts'

/** What a thread is given when it begins. */
export interface ReplayThreadData {
  readonly module: string
}

/** What a thread is told: to replay runs, or, with none, to end. */
export type ReplayAsk = readonly string[]

/** What a thread tells. */
export type ReplayTold =
  | { readonly kind: 'loaded' }
  /** What came of one run; none of a run that is gone. */
  | { readonly kind: 'replayed'; readonly replay: RunReplay | undefined }
  | { readonly kind: 'done' }
  | { readonly kind: 'unloaded'; readonly message: string }

/** Where runs are replayed in threads. */
export interface ThreadOptions {
  readonly module: string | URL
  /** Whether a run that a thread does not find is in this thread's store. */
  readonly isHere: (runId: string) => Promise<boolean>
  /** @default as many as there are processors, at most 8 */
  readonly threads?: number
}

const MOST_THREADS = 8

/** How many runs a thread is told at once. */
const BATCH = 16

/** How long a thread may take to close its store, in milliseconds. */
const CLOSE_MS = 5_000

type Row = Pick<RunRow, 'id' | 'kind' | 'name' | 'version' | 'status' | 'endedAt'>

/**
 * Replays runs in threads, and gives what came of them in their order.
 *
 * @throws DefinitionError when the module cannot be loaded, has no runtime, or one on another store.
 */
export async function* inThreads(
  rows: AsyncIterable<Row>,
  { module, isHere, threads = defaultThreads() }: ThreadOptions,
): AsyncGenerator<RunReplay | undefined, void, undefined> {
  const lanes = Array.from({ length: threads }, () => new Lane(hrefOf(module)))
  const pending: Promise<readonly (RunReplay | undefined)[]>[] = []
  let next = 0
  const checked = async (batch: readonly Row[], all: readonly (RunReplay | undefined)[]) => {
    for (const [index, { id }] of batch.entries())
      if (!all[index] && (await isHere(id))) throw otherStore(hrefOf(module), id)
    return all
  }
  try {
    for await (const batch of batchesOf(rows)) {
      const lane = lanes[next++ % threads]
      if (!lane) return
      const replayed = lane.replay(batch).then((all) => checked(batch, all))
      // It is heard of when its turn comes.
      replayed.catch(() => undefined)
      pending.push(replayed)
      if (pending.length >= 3 * threads) yield* (await pending.shift()) ?? []
    }
    for (const replayed of pending) yield* await replayed
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()))
  }
}

/** Nothing would be found wrong with runs that nobody looks at. */
function otherStore(module: string, runId: string): DefinitionError {
  return new DefinitionError({
    code: 'replay_module',
    message: `The runtime that ${module} exports does not have the run "${runId}", which is in this one's store. It must be on the same file: a store in memory is another one in each thread. Replay in one thread, with threads: 0, or use a file.`,
    details: { module, runId },
  })
}

function defaultThreads(): number {
  return Math.min(process.getBuiltinModule('node:os').availableParallelism(), MOST_THREADS)
}

function hrefOf(module: string | URL): string {
  if (module instanceof URL || module.startsWith('file:')) return String(module)
  return pathToFileURL(module).href
}

async function* batchesOf(rows: AsyncIterable<Row>): AsyncGenerator<readonly Row[], void, undefined> {
  let batch: Row[] = []
  for await (const row of rows) {
    batch.push(row)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** What came of telling a thread some runs. */
interface Heard {
  readonly replayed: readonly (RunReplay | undefined)[]
  /** What ended the thread before it was done. */
  readonly died?: string
}

/** One thread after another: a new one takes the place of one that has died. */
class Lane {
  readonly #module: string
  #thread: Worker | undefined
  #last: Promise<unknown> = Promise.resolve()
  #hasLoaded = false
  #isBusy = false

  constructor(module: string) {
    this.#module = module
  }

  /**
   * Replays runs once those before are done.
   *
   * @throws DefinitionError when the module cannot be loaded, or has no runtime.
   */
  replay(rows: readonly Row[]): Promise<readonly (RunReplay | undefined)[]> {
    const replayed = this.#last.then(() => this.#replay(rows))
    this.#last = replayed
    return replayed
  }

  async close(): Promise<void> {
    const thread = this.#thread
    if (!thread) return
    if (this.#isBusy) return void (await thread.terminate())
    const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
    thread.postMessage([] satisfies ReplayAsk)
    const late = setTimeout(() => void thread.terminate(), CLOSE_MS)
    await ended
    clearTimeout(late)
  }

  async #replay(rows: readonly Row[]): Promise<readonly (RunReplay | undefined)[]> {
    const all: (RunReplay | undefined)[] = []
    while (all.length < rows.length) {
      const left = rows.slice(all.length)
      const { replayed, died } = await this.#ask(left.map(({ id }) => id))
      all.push(...replayed)
      if (died === undefined) break
      const row = left[replayed.length]
      if (row) all.push(diedAt(row, died))
    }
    return all
  }

  async #ask(ids: ReplayAsk): Promise<Heard> {
    const thread = (this.#thread ??= this.#start())
    this.#isBusy = true
    try {
      return await this.#hear(thread, ids)
    } finally {
      this.#isBusy = false
    }
  }

  #hear(thread: Worker, ids: ReplayAsk): Promise<Heard> {
    return new Promise((resolve, reject) => {
      const replayed: (RunReplay | undefined)[] = []
      let why: string | undefined
      const settled = (): void => {
        thread.off('message', hear).off('error', fail).off('exit', exit)
      }
      const hear = (told: ReplayTold): void => {
        if (told.kind === 'replayed') return void replayed.push(told.replay)
        if (told.kind === 'loaded') return void (this.#hasLoaded = true)
        settled()
        if (told.kind === 'done') resolve({ replayed })
        else reject(this.#unloaded(told.message))
      }
      const fail = (error: unknown): void => {
        why = messageOf(error)
      }
      const exit = (code: number): void => {
        settled()
        this.#thread = undefined
        const died = why ?? `its code ended the thread by process.exit(${code})`
        if (this.#hasLoaded) resolve({ replayed, died })
        else reject(this.#unloaded(died))
      }
      thread.on('message', hear).on('error', fail).on('exit', exit)
      thread.postMessage(ids)
    })
  }

  #start(): Worker {
    this.#hasLoaded = false
    const program = new URL(`./replay-thread${extname(import.meta.url)}`, import.meta.url)
    // Loaded here: a program that starts does not wait for it.
    const { Worker } = process.getBuiltinModule('node:worker_threads')
    const workerData = { module: this.#module } satisfies ReplayThreadData
    // What a module prints when it is loaded is printed where it was loaded first.
    const thread = new Worker(program, { name: 'reprise-replay', workerData, stdout: true })
    thread.stdout.resume()
    return thread
  }

  #unloaded(message: string): DefinitionError {
    return new DefinitionError({
      code: 'replay_module',
      message: `${this.#module} cannot be used by a thread that replays runs: ${message.replace(/\.?$/, '.')} It must export \`runtime\`, made by createRuntime, and work in several threads; or replay in one, with threads: 0.`,
      details: { module: this.#module },
    })
  }
}

function diedAt({ id, kind, name, version, status, endedAt }: Row, died: string): RunReplay {
  const message = `The thread that replayed the run "${id}" has died: ${died}`
  const error = { code: 'replay_died', message, cause: UNKNOWN }
  const inFlight = endedAt === null
  const definition = { kind, name, version }
  return {
    runId: id,
    definition,
    runStatus: status,
    inFlight,
    status: 'failed',
    error,
    broken: inFlight ? error : null,
  }
}
