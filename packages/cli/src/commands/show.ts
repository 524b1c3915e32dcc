import { type AskedRequest, DefinitionError, type Entry, requestAt, type RunRow, type Runtime } from '@reprise/core'
import { type Command, Option } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { byHand } from '../line/by.ts'
import { command, examples, runArgument, wholeNumber } from '../line/command.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { type Around, sayHead } from '../show/head.ts'
import { sayRequest } from '../show/request.ts'
import { Timeline } from '../show/timeline.ts'
import { wholePicture } from '../watch/picture.ts'
import { type RunNode, RunTree } from '../watch/run-tree.ts'

interface Options extends StoreOption, JsonOption {
  readonly entry?: number
  readonly request?: number
  readonly tree?: true
  readonly by?: string
}

/** `reprise show`: what happened in a run. */
export function showCommand(io: Io): Command {
  return command(io, 'show', 'tell what happened in a run, an entry a line')
    .addArgument(runArgument())
    .addOption(
      new Option('--entry <number>', 'this entry alone, and all of it').argParser(wholeNumber(0)).conflicts('request'),
    )
    .addOption(
      new Option('--request <number>', 'all that the model was sent for the reply at this entry').argParser(
        wholeNumber(0),
      ),
    )
    .addOption(
      new Option('--tree', 'the run and all below it as one tree: turns, calls, steps, what they use').conflicts([
        'entry',
        'request',
      ]),
    )
    .option('--by <name>', 'on whose behalf it is read: the audit keeps it')
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      examples('reprise show ticket-4711', 'reprise show ticket-4711 --request 6', 'reprise show ticket-4711 --tree'),
    )
    .action(async (runId: string, options: Options) => {
      await withStore(io, options, async ({ runs }) => {
        if (options.tree) return printTree(io, await new RunTree(runs, runId, true).look(), options)
        const row = await runs.get(runId)
        const entries = await runs.entries(runId, options.by === undefined ? {} : { reader: byHand(options.by) })
        if (options.entry !== undefined) printJson(io, entryAt(row, entries, options.entry))
        else if (options.request !== undefined)
          printRequest(io, requestAt(entries, options.request, await runs.before(runId)), options)
        else printRun(io, row, entries, await aroundOf(runs, row), options)
      })
    })
}

function printTree(io: Io, root: RunNode, { json }: JsonOption): void {
  if (json) printJson(io, rowsOf(root))
  else say(io, wholePicture(root, Date.now()).join('\n'))
}

/** A run with those below it, by the keys of the steps that they are of. */
function rowsOf({ row, children }: RunNode): object {
  return { run: row, children: Object.fromEntries([...children].map(([key, child]) => [key, rowsOf(child)])) }
}

function entryAt({ id }: RunRow, entries: readonly Entry[], seq: number): Entry {
  const entry = entries[seq]
  if (entry) return entry
  const message = `The run "${id}" has no entry ${seq}. It has those from 0 to ${entries.length - 1}.`
  throw new DefinitionError({ code: 'no_entry', message })
}

function printRequest(io: Io, request: AskedRequest, { json }: JsonOption): void {
  if (json) printJson(io, request)
  else say(io, sayRequest(request).join('\n'))
}

/** The most forks of a run that are named. */
const MOST_FORKS = 20

async function aroundOf(runs: Runtime['runs'], row: RunRow): Promise<Around> {
  const [below, forks] = await Promise.all([waitedFor(runs, row), runs.list({ forkOf: row.id, limit: MOST_FORKS })])
  // The run that it is a fork of may be gone by now.
  const [of] = await Promise.allSettled(row.forkOf === null ? [] : [runs.entries(row.forkOf)])
  return { below, forks, ...(of?.status === 'fulfilled' && { of: of.value }) }
}

/** The runs that a run waits for, and those that they wait for. */
async function waitedFor(runs: Runtime['runs'], row: RunRow, found = new Map<string, RunRow>()) {
  for (const wait of row.waits) {
    if (wait.kind !== 'child' || found.has(wait.runId)) continue
    // It may not be there yet.
    const [child] = await Promise.allSettled([runs.get(wait.runId)])
    if (child?.status !== 'fulfilled') continue
    found.set(wait.runId, child.value)
    await waitedFor(runs, child.value, found)
  }
  return found
}

function printRun(io: Io, row: RunRow, entries: readonly Entry[], around: Around, { json }: JsonOption): void {
  if (json) return printJson(io, { run: row, entries, forks: around.forks.map(({ id }) => id) })
  const timeline = new Timeline()
  say(io, [...sayHead(row, entries, around), '', ...entries.map((entry) => timeline.tell(entry))].join('\n'))
}
