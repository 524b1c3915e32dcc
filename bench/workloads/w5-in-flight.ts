// w5: a thousand runs in flight.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Fleet, type ThousandRuns } from '../in-flight/thousand-runs.ts'
import { inTemporaryFolder } from '../in-temporary-folder.ts'
import { exactly, ownRow, type Pairs, ratioRow, type Row, spread } from '../measure.ts'
import type { Scale } from './workload.ts'

/** Has both sides do a thousand runs by turns. */
export function inFlight({ quick }: Scale): Promise<Row[]> {
  return inTemporaryFolder(async (reprisesFolder) =>
    inTemporaryFolder(async (floorsFolder) => {
      const reprise = await Fleet.make('reprise', reprisesFolder)
      const floor = await Fleet.make('floor', floorsFolder)
      const pairs: { readonly mine: ThousandRuns; readonly its: ThousandRuns }[] = []
      // The first pair warms both up.
      for (let rep = 0; rep <= (quick ? 2 : 7); rep++) pairs.push({ mine: await reprise.run(), its: await floor.run() })
      await reprise.close()
      await floor.close()
      return rowsOf(pairs.slice(1))
    }),
  )
}

function rowsOf(pairs: readonly { readonly mine: ThousandRuns; readonly its: ThousandRuns }[]): Row[] {
  const of = (figure: keyof ThousandRuns): Pairs => ({
    reprise: pairs.map(({ mine }) => mine[figure]),
    floor: pairs.map(({ its }) => its[figure]),
    ratio: pairs.map(({ mine, its }) => mine[figure] / its[figure]),
  })
  const written = of('writtenPerRun')
  return [
    ratioRow('all runs', 'ms', of('wallMs'), 2),
    ratioRow('the slowest turn of a hundred', 'ms', of('turnMs'), 2),
    ratioRow("the event loop's lag, 99th percentile", 'ms', of('lagMs'), 2),
    ownRow('memory of a process', 'MB', exactly(megabytes()), 200),
    { ...ownRow('written a run', 'bytes', spread(written.reprise), 40_000), floor: spread(written.floor) },
  ]
}

function megabytes(): number {
  const program = join(import.meta.dirname, '..', 'in-flight', 'thousand-runs.js')
  return Number(spawnSync(process.execPath, [program], { encoding: 'utf8' }).stdout)
}
