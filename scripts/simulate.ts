// Plays simulations, each from a seed of its own, on all cores. A seed that fails is named, and is played alone with its
// whole trace by --seed. With --postgres their runs live on a real Postgres that is started for it, plain and encrypted in
// turn. usage: npm run simulate -- [--postgres] [--seeds N] [--from N], or npm run simulate -- [--postgres] --seed N
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { encryptedPostgresPlace, postgresPlace } from '../proof/postgres-place.fixture.ts'
import { type Simulated, simulate } from '../proof/simulation/simulate.ts'

/** Seeds that one thread plays: from the first, so many apart, before the end. */
interface Share {
  readonly first: number
  readonly step: number
  readonly end: number
  /** The address of a Postgres, where they are played on one. */
  readonly postgres: string | undefined
}

/** What a thread says of a seed that fails. */
interface Failure {
  readonly seed: number
  readonly complaints: readonly string[]
}

/** After how many seeds a thread makes room for another: what dead processes wait for never comes, and is never let go. */
const SEEDS_OF_ONE = 2_000

if (isMainThread) await main()
else await playShare(workerData as Share)

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      from: { type: 'string' },
      postgres: { type: 'boolean' },
    },
  })
  const server = values.postgres ? await startServer() : undefined
  try {
    if (values.seed !== undefined) await playAlone(numberOf('--seed', values.seed), server?.url())
    else
      await playMany(numberOf('--from', values.from ?? '1'), numberOf('--seeds', values.seeds ?? '1000'), server?.url())
  } finally {
    await server?.stop()
  }
}

/** Loaded when it is needed. */
async function startServer() {
  const { PostgresServer } = await import('../packages/postgres/src/server.fixture.ts')
  return PostgresServer.start()
}

function play(seed: number, postgres: string | undefined): Promise<Simulated> {
  if (postgres === undefined) return simulate(seed)
  return simulate(seed, seed % 2 === 0 ? encryptedPostgresPlace(postgres) : postgresPlace(postgres))
}

async function playAlone(seed: number, postgres: string | undefined): Promise<void> {
  const { complaints, trace } = await play(seed, postgres)
  console.log(trace.join('\n'))
  tell({ seed, complaints })
  process.exitCode = complaints.length === 0 ? 0 : 1
}

async function playMany(first: number, count: number, postgres: string | undefined): Promise<void> {
  const start = performance.now()
  const step = availableParallelism()
  let failed = 0
  const tellFailed = (failure: Failure): void => {
    failed++
    tell(failure)
  }
  const lanes = Array.from({ length: step }, async (_, index) => {
    const end = first + count
    for (let from = first + index; from < end; from += step * SEEDS_OF_ONE)
      await playInThread({ first: from, step, end: Math.min(end, from + step * SEEDS_OF_ONE), postgres }, tellFailed)
  })
  await Promise.all(lanes)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(
    `${count} simulations from seed ${first}: ${failed === 0 ? 'all is well' : `${failed} failed`} (${seconds} s).`,
  )
  process.exitCode = failed === 0 ? 0 : 1
}

async function playInThread(share: Share, onFailure: (failure: Failure) => void): Promise<void> {
  const thread = new Worker(new URL(import.meta.url), { workerData: share })
  thread.on('message', onFailure)
  await once(thread, 'exit')
}

async function playShare({ first, step, end, postgres }: Share): Promise<void> {
  for (let seed = first; seed < end; seed += step) {
    const { complaints } = await play(seed, postgres)
    if (complaints.length > 0) parentPort?.postMessage({ seed, complaints } satisfies Failure)
  }
  // Connections that are kept would keep it.
  if (postgres !== undefined) process.exit()
}

function tell({ seed, complaints }: Failure): void {
  if (complaints.length === 0) return console.log(`Seed ${seed}: all is well.`)
  console.log(`Seed ${seed} fails: npm run simulate -- --seed ${seed}`)
  for (const complaint of complaints) console.log(`  ${complaint}`)
}

function numberOf(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  console.error(`${name} is "${text}". It must be a whole number.`)
  process.exit(2)
}
