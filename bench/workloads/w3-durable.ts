// w3: the same as w2 with each step on disk. Two kinds of tool: those that read share one commit a turn with the reply,
// those that write have the reply on disk before they begin. The floor encrypts nothing: what encryption takes is in its ratio.
import { inTemporaryFolder } from '../in-temporary-folder.ts'
import {
  bytesWritten,
  byTurns,
  exactly,
  ownRow,
  type Pairs,
  ratioRow,
  type Row,
  type Side,
  sides,
  type Taken,
  spread,
  timed,
} from '../measure.ts'
import { World } from '../world.ts'
import type { Scale } from './workload.ts'

/** What a side's runs took on disk, in bytes a turn. */
interface Disk {
  readonly written: number
  readonly atRest: number
}

/** Measures a turn at both durabilities, and bytes. */
export async function durable(scale: Scale): Promise<Row[]> {
  const reps = scale.quick ? 3 : 15
  const power = await turns('full', 100, reps, scale)
  const powerWrites = await turns('full-idempotent', 100, reps, scale)
  const process = await turns('normal', 100, reps * 2, scale)
  const processWrites = await turns('normal-idempotent', 100, reps * 2, scale)
  const encrypted = await turns('normal-encrypted', 100, reps * 2, scale)
  const encryptedWrites = await turns('normal-encrypted-idempotent', 100, reps * 2, scale)
  const long = await turns('normal', 1_000, Math.ceil(reps / 2), scale)
  const reads = { reprise: await disk('reprise', 'normal'), floor: await disk('floor', 'normal') }
  const writes = { reprise: await disk('reprise', 'normal-idempotent'), floor: reads.floor }
  return [
    ratioRow('a turn, power-safe', 'µs', power, 1.25),
    ratioRow('a turn, power-safe, tools that write', 'µs', powerWrites, 1.25),
    ratioRow('a turn, process-safe', 'µs', process, 2),
    ratioRow('a turn, process-safe, tools that write', 'µs', processWrites, 2),
    ratioRow('a turn, process-safe, encrypted', 'µs', encrypted),
    ratioRow('a turn, process-safe, encrypted, tools that write', 'µs', encryptedWrites),
    ratioRow('a turn of 1,000, process-safe', 'µs', long, 2),
    growthRow(process, long),
    bytesRow('bytes a turn at rest, of 1,000', reads.reprise.atRest, reads.floor.atRest, 3_600),
    writtenRow('bytes written a turn, of 1,000', reads.reprise.written, reads.floor.written),
    writtenRow('bytes written a turn, of 1,000, tools that write', writes.reprise.written, writes.floor.written),
  ]
}

/** Past some 400 turns the log is written back now and then, on both sides: what counts is who grows more by it. */
function growthRow(short: Pairs, long: Pairs): Row {
  const growth = (side: Side): number => spread(long[side]).median / spread(short[side]).median
  const of = { reprise: growth('reprise'), floor: growth('floor') }
  const pairs = { reprise: [of.reprise], floor: [of.floor], ratio: [of.reprise / of.floor] }
  return ratioRow('a turn of 1,000 over a turn of 100, process-safe', 'x', pairs, 1.2)
}

function bytesRow(what: string, reprise: number, floor: number, atMost: number): Row {
  return { ...ownRow(what, 'bytes', exactly(reprise), atMost), floor: exactly(floor) }
}

function writtenRow(what: string, reprise: number, floor: number): Row {
  return ratioRow(what, 'bytes', { reprise: [reprise], floor: [floor], ratio: [reprise / floor] }, 1.8)
}

/** Microseconds a turn. The floor knows no kinds of tools. */
function turns(variant: string, n: number, reps: number, { quick }: Scale): Promise<Pairs> {
  return byTurns((side) => once(side, variant, n), { reps, warmMs: quick ? 1_000 : 4_000 })
}

async function disk(side: Side, variant: string): Promise<Disk> {
  const { written, atRest } = await once(side, variant, 1_000)
  return { written, atRest }
}

/** One run on a fresh store. */
function once(side: Side, variant: string, n: number): Promise<Disk & Taken> {
  return inTemporaryFolder(async (dir) => {
    const world = new World({ n })
    const contender = await sides[side]({ world, dir, durable: true, variant })
    const before = bytesWritten()
    let answer = ''
    const taken = await timed(n, async () => {
      answer = await contender.run('r1')
    })
    const written = (bytesWritten() - before) / n
    world.verify([answer])
    const atRest = (await contender.bytes()) / n
    await contender.close()
    return { ...taken, written, atRest }
  })
}
