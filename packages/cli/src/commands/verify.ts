import { type Entry, messageOf, RepriseError, type RunRow, type Runtime } from '@reprise/core'
import { Argument, type Command } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { command, examples } from '../line/command.ts'
import { exitWith } from '../line/exit-code.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { allRuns } from '../runs/all-runs.ts'
import { bad } from '../show/style.ts'
import { oneLine } from '../show/text.ts'
import { count } from '../show/used.ts'

interface Options extends StoreOption, JsonOption {}

interface Damage {
  readonly runId: string
  /** The first entry that does not hold; null where it is not an entry's fault. */
  readonly seq: number | null
  readonly message: string
}

interface Verified {
  readonly runs: number
  readonly entries: number
  /** Runs that were erased: there is nothing of them to check. */
  readonly erased: number
  readonly damaged: readonly Damage[]
}

/** `reprise verify`: holds every entry against its hash. */
export function verifyCommand(io: Io): Command {
  return command(io, 'verify', 'check that the journals are what was written, by their hashes')
    .addArgument(new Argument('[run]', 'one run alone'))
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText('after', examples('reprise verify --store desk.db', 'reprise verify ticket-4711'))
    .action(async (runId: string | undefined, options: Options) => {
      await withStore(io, options, async (runtime) => {
        const verified = await verify(runtime, runId === undefined ? allRuns(runtime) : [await runtime.runs.get(runId)])
        if (options.json) printJson(io, verified)
        else print(io, verified)
        if (verified.damaged.length > 0) exitWith(io, 'failed')
      })
    })
}

async function verify(runtime: Runtime, rows: Iterable<RunRow> | AsyncIterable<RunRow>): Promise<Verified> {
  const damaged: Damage[] = []
  let [runs, entries, erased] = [0, 0, 0]
  for await (const row of rows) {
    runs += 1
    if (row.erasedAt !== null) {
      erased += 1
      continue
    }
    try {
      const read = await runtime.runs.entries(row.id)
      entries += read.length
      if (isCut(row, read)) {
        const message = `The run "${row.id}" is ${row.status}, but its journal breaks off at entry ${read.length - 1}.`
        damaged.push({ runId: row.id, seq: read.length - 1, message })
      }
    } catch (error) {
      damaged.push(damageOf(row, error))
    }
  }
  return { runs, entries, erased, damaged }
}

/** A chain does not tell that its end is gone: the row does. */
function isCut({ endedAt }: RunRow, entries: readonly Entry[]): boolean {
  const last = entries.at(-1)?.kind
  return endedAt !== null && last !== 'run.completed' && last !== 'run.failed' && last !== 'run.cancelled'
}

function damageOf({ id: runId }: RunRow, error: unknown): Damage {
  if (!RepriseError.is(error)) throw error
  if (error.code === 'unknown_run') return { runId, seq: null, message: `The run "${runId}" has no entries.` }
  const { seq } = error.details
  return { runId, seq: typeof seq === 'number' ? seq : null, message: messageOf(error) }
}

function print(io: Io, { runs, entries, erased, damaged }: Verified): void {
  for (const { message } of damaged) say(io, bad(oneLine(message)))
  const gone = erased > 0 ? ` (${erased} erased)` : ''
  const what = `${count(runs, 'run')}${gone}, ${count(entries, 'entry', 'entries')}`
  say(io, damaged.length > 0 ? `${what}: ${damaged.length} damaged.` : `${what}: every hash holds.`)
}
