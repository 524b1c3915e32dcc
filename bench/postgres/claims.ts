// What a worker and an owner ask of a store, on Postgres: runs to take, many in one statement or one by one, and heartbeats.
import { createRuntime, defineAgent, type Store } from '@reprise/core'
import { postgres } from '@reprise/postgres'
import { scriptedModel } from '@reprise/testing'
import { type Pairs, ratioRow, type Row } from '../measure.ts'

const WORKERS = 4

/** Measures both on a server of its own database. */
export async function measureStore(url: string, quick: boolean): Promise<Row[]> {
  const reps = quick ? 1 : 5
  const many: number[] = []
  const single: number[] = []
  for (let rep = 0; rep < reps; rep++) {
    many.push(await taking(url, { schema: `many_${rep}`, runs: 2_000, limit: 50 }))
    single.push(await taking(url, { schema: `single_${rep}`, runs: quick ? 200 : 500, limit: 1 }))
  }
  return [
    ratioRow(
      'a run of 50 that are taken in one statement, four workers, beside one by one',
      'µs',
      pairsOf(many, single),
      1 / 30,
    ),
    await beats(url, quick),
  ]
}

function pairsOf(reprise: readonly number[], floor: readonly number[]): Pairs {
  return { reprise, floor, ratio: reprise.map((mine, rep) => mine / (floor[rep] ?? Number.NaN)) }
}

/** What a run takes, in microseconds, where four workers take all there are. */
async function taking(
  url: string,
  { schema, runs, limit }: { readonly schema: string; readonly runs: number; readonly limit: number },
): Promise<number> {
  const store = postgres(url, { schema })
  await enqueue(store, runs)
  const start = performance.now()
  const taken = await Promise.all(Array.from({ length: WORKERS }, (_, worker) => takeAll(store, `w${worker}`, limit)))
  const us = (performance.now() - start) * 1e3
  await store.close()
  const all = taken.reduce((sum, each) => sum + each, 0)
  if (all !== runs) throw new Error(`Void: ${all} runs were taken of ${runs}`)
  return us / runs
}

async function takeAll(store: Store, owner: string, limit: number): Promise<number> {
  let all = 0
  for (;;) {
    const taken = await take(store, owner, limit)
    if (taken === 0) return all
    all += taken
  }
}

async function take(store: Store, owner: string, limit: number): Promise<number> {
  const filter = {
    now: Date.now(),
    gone: [],
    definitions: [{ kind: 'agent', name: 'idle' }],
    except: [],
    limit,
  } as const
  return (await store.take({ owner, heartbeat: 1 }, filter)).length
}

/** A heartbeat of an owner of many runs, beside one of an owner of one. */
async function beats(url: string, quick: boolean): Promise<Row> {
  const store = postgres(url, { schema: 'beats' })
  await enqueue(store, quick ? 2_000 : 20_000)
  await take(store, 'of-one', 1)
  while ((await take(store, 'of-many', 1_000)) > 0);
  const measured: Record<'of-one' | 'of-many', number[]> = { 'of-one': [], 'of-many': [] }
  let beat = 1
  for (let rep = 0; rep < (quick ? 3 : 9); rep++)
    for (const owner of ['of-one', 'of-many'] as const) {
      const start = performance.now()
      for (let time = 0; time < 50; time++) await store.heartbeat(owner, ++beat)
      measured[owner].push(((performance.now() - start) * 1e3) / 50)
    }
  await store.close()
  const what = `a heartbeat of an owner of ${quick ? '2,000' : '20,000'} runs, beside one of one run`
  return ratioRow(what, 'µs', pairsOf(measured['of-many'], measured['of-one']), 1.2)
}

/** Leaves runs that nobody drives. */
async function enqueue(store: Store, runs: number): Promise<void> {
  const agent = defineAgent({ name: 'idle', model: 'none', instructions: 'Wait.' })
  // It drives no run, so it asks no model.
  const runtime = createRuntime({ store, models: scriptedModel([]), definitions: [agent] })
  await Promise.all(Array.from({ length: runs }, (_, at) => runtime.enqueue(agent, 'go', { id: `r${at}` })))
  await runtime.close()
}
