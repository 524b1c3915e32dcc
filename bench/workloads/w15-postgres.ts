// w15: the journal on Postgres, beside SQLite on the same disk and beside frameworks on the same server, each in a process of
// its own, by turns. What the others take is the column of the floor.
import { folderBytes } from '../contenders/folder-bytes.ts'
import { inTemporaryFolder } from '../in-temporary-folder.ts'
import { type Pairs, ratioRow, type Row, spread } from '../measure.ts'
import type { Ask, Took } from '../postgres/answer.ts'
import { measureStore } from '../postgres/claims.ts'
import { type Server, startServer } from '../postgres/server.ts'
import { type Side, startPeer, startReprise } from '../postgres/sides.ts'
import type { WorldOptions } from '../world.ts'
import type { Scale } from './workload.ts'

type Name = 'postgres' | 'sqlite' | 'dbos' | 'langgraph'

/** What a framework is called, and how much of its time a turn may take at so many in flight. */
const PEERS: Readonly<
  Partial<Record<Name, { readonly title: string; readonly atMost: (lanes: number) => number | undefined }>>
> = {
  sqlite: { title: 'SQLite', atMost: () => 1 / 0.7 },
  dbos: { title: 'DBOS', atMost: (lanes) => (lanes === 1 ? 1 / 1.7 : 1 / 8) },
  langgraph: { title: "LangGraph's saver", atMost: (lanes) => (lanes === 1 ? undefined : 1 / 10) },
}

/** Has all sides hold runs by turns, and then asks the store alone. */
export function onPostgres({ quick }: Scale): Promise<Row[]> {
  return inTemporaryFolder(async (folder) =>
    inTemporaryFolder(async (files) => {
      const server = await startServer(folder)
      try {
        return [
          ...(await inFlight(server, files, quick)),
          ...(await measureStore(await server.url('store'), quick)),
          await growth(server, quick),
          await atRest(server, quick),
        ]
      } finally {
        await server.stop()
      }
    }),
  )
}

/** How many runs each side holds, at so many at a time. LangGraph takes minutes for a thousand. */
function asksOf(quick: boolean): readonly (Ask & { readonly without?: Name })[] {
  return quick
    ? [
        { lanes: 1, runs: 10 },
        { lanes: 64, runs: 128 },
        { lanes: 1_000, runs: 1_000, without: 'langgraph' },
      ]
    : [
        { lanes: 1, runs: 100 },
        { lanes: 64, runs: 640 },
        { lanes: 1_000, runs: 2_000 },
      ]
}

async function inFlight(server: Server, files: string, quick: boolean): Promise<Row[]> {
  const world = { n: 5 }
  const sides = new Map<Name, Side>([
    ['postgres', await startReprise('postgres', `${await server.url('bench')}?schema=flight`, world)],
    ['sqlite', await startReprise('sqlite', files, world)],
  ])
  for (const name of ['dbos', 'langgraph'] as const) {
    const side = await startPeer(name, await server.url(name), world)
    if (side) sides.set(name, side)
    else console.error(`${name} is not installed: npm run bench:peers`)
  }
  const rows: Row[] = []
  // What is warm answers faster.
  for (const side of sides.values()) await side.hold({ lanes: 16, runs: quick ? 48 : 640 })
  for (const { without, ...ask } of asksOf(quick)) {
    const took = new Map<Name, Took[]>()
    for (let rep = 0; rep < (quick ? 1 : 5); rep++)
      for (const [name, side] of sides)
        if (name !== without) took.set(name, [...(took.get(name) ?? []), await side.hold(ask)])
    rows.push(...rowsOf(ask.lanes, took))
  }
  for (const side of sides.values()) await side.end()
  return rows
}

function rowsOf(lanes: number, took: ReadonlyMap<Name, readonly Took[]>): Row[] {
  const mine = took.get('postgres') ?? []
  const pairs = (its: readonly Took[], figure: keyof Took): Pairs => ({
    reprise: mine.map((each) => each[figure]),
    floor: its.map((each) => each[figure]),
    ratio: mine.map((each, rep) => each[figure] / (its[rep]?.[figure] ?? Number.NaN)),
  })
  return (['sqlite', 'dbos', 'langgraph'] as const).flatMap((name) => {
    const [its, peer] = [took.get(name), PEERS[name]]
    if (!its || !peer) return []
    const beside = `${lanes} in flight, beside ${peer.title}`
    const p99 = ratioRow(`the 99th percentile of a turn, ${beside}`, 'ms', pairs(its, 'p99Ms'), p99Of(name, lanes))
    return [
      ratioRow(`a turn, ${beside}`, 'µs', pairs(its, 'turnUs'), peer.atMost(lanes)),
      ratioRow(`the same, of the process's processor`, 'µs', pairs(its, 'cpuUs')),
      p99,
    ]
  })
}

function p99Of(name: Name, lanes: number): number | undefined {
  return name === 'dbos' && lanes === 64 ? 0.2 : undefined
}

/** A turn of a run of 1,000 beside one of a run of 100. */
async function growth(server: Server, quick: boolean): Promise<Row> {
  const url = await server.url('bench')
  const long = await startReprise('postgres', `${url}?schema=long`, { n: 1_000 })
  const short = await startReprise('postgres', `${url}?schema=short`, { n: 100 })
  await Promise.all([long.hold({ lanes: 1, runs: 1 }), short.hold({ lanes: 1, runs: 3 })])
  const [reprise, floor]: [number[], number[]] = [[], []]
  for (let rep = 0; rep < (quick ? 1 : 7); rep++) {
    reprise.push((await long.hold({ lanes: 1, runs: 1 })).turnUs)
    floor.push((await short.hold({ lanes: 1, runs: 10 })).turnUs)
  }
  await long.end()
  await short.end()
  const ratio = reprise.map((mine, rep) => mine / (floor[rep] ?? Number.NaN))
  return ratioRow('a turn of a run of 1,000, beside one of a run of 100', 'µs', { reprise, floor, ratio }, 1.2)
}

/** What runs whose results do not compress take at rest, beside a file of SQLite's. */
async function atRest(server: Server, quick: boolean): Promise<Row> {
  const world: WorldOptions = { n: 10, incompressible: true }
  const ask: Ask = { lanes: 50, runs: quick ? 100 : 500 }
  const turns = ask.runs * 11
  const side = await startReprise('postgres', `${await server.url('bench')}?schema=rest`, world)
  await side.hold(ask)
  await side.end()
  const [row] = await server.query(
    'bench',
    `select sum(pg_total_relation_size(c.oid))::float8 as bytes from pg_class c
     join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'rest' and c.relkind = 'r'`,
  )
  const reprise = [Number(row?.['bytes']) / turns]
  const floor = await inTemporaryFolder(async (folder) => {
    const file = await startReprise('sqlite', folder, world)
    await file.hold(ask)
    await file.end()
    return [folderBytes(folder) / turns]
  })
  const ratio = [spread(reprise).median / spread(floor).median]
  return ratioRow(
    'at rest, a turn whose result does not compress, beside SQLite',
    'bytes',
    { reprise, floor, ratio },
    1.3,
  )
}
