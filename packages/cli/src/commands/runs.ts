import type { RunFilter, RunRow, Runs, StuckRun } from '@reprise/core'
import { type Command, Option } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { command, wholeNumber } from '../line/command.ts'
import { type Io, say } from '../line/io.ts'
import { sinceOption } from '../line/since.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { STATUSES } from '../runs/statuses.ts'
import { stuckTable } from '../show/stuck-table.ts'
import { runTable } from '../show/run-table.ts'

type Named = 'status' | 'name' | 'tag' | 'tenant' | 'user'

interface Options extends StoreOption, JsonOption, Pick<RunFilter, Named | 'forkOf' | 'after'> {
  readonly parent?: string
  readonly session?: string
  readonly since?: number
  readonly newest?: true
  readonly stuck?: true
  readonly limit: number
}

/** What says which runs are listed, and does not go with those that are stuck. */
const FILTERS = ['status', 'name', 'tag', 'tenant', 'user', 'parent', 'session', 'since', 'newest', 'forkOf', 'after']

/** `reprise runs`: lists runs, the oldest first where nothing else is asked for. */
export function runsCommand(io: Io): Command {
  return command(io, 'runs', 'list runs, the oldest first')
    .addOption(new Option('--status <status>', 'only those that stand so').choices(STATUSES))
    .option('--name <name>', 'only those of this agent, team or workflow')
    .option('--tag <tag>', 'only those that bear this tag')
    .option('--tenant <name>', 'only those of this tenant')
    .option('--user <name>', 'only those of this person')
    .option('--parent <run>', 'only the children of this run')
    .option('--session <session>', 'only the turns of this session')
    .addOption(sinceOption())
    .option('--newest', 'the newest first')
    .addOption(new Option('--stuck', 'those that could not be worked, each with why and what to do').conflicts(FILTERS))
    .option('--fork-of <run>', 'only the forks of this run')
    .option('--after <run>', 'the page after the one that ends with this run')
    .addOption(new Option('--limit <count>', 'runs on a page').argParser(wholeNumber(1, 1_000)).default(100))
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      `
Examples:
  $ reprise runs --status failed --since 24h
  $ reprise runs --newest --limit 10
  $ reprise runs --stuck`,
    )
    .action(async (options: Options) => {
      await withStore(io, options, async ({ runs }) => {
        if (options.stuck) return printStuck(io, runs, options)
        const filter = filterOf(options)
        const page = await runs.list(filter)
        const last = page.length === options.limit ? page.at(-1) : undefined
        const more = last && (await runs.list({ ...filter, after: last.id, limit: 1 })).length > 0
        print(io, page, more ? last.id : null, options)
      })
    })
}

function filterOf({
  status,
  name,
  tag,
  tenant,
  user,
  parent,
  session,
  forkOf,
  since,
  newest,
  after,
  limit,
}: Options): RunFilter {
  return {
    ...(status && { status }),
    ...(name !== undefined && { name }),
    ...(tag !== undefined && { tag }),
    ...(tenant !== undefined && { tenant }),
    ...(user !== undefined && { user }),
    ...(parent !== undefined && { parentId: parent }),
    ...(session !== undefined && { sessionId: session }),
    ...(since !== undefined && { createdFrom: since }),
    ...(newest && { order: 'newest' }),
    ...(forkOf !== undefined && { forkOf }),
    ...(after !== undefined && { after }),
    limit,
  }
}

function print(io: Io, runs: readonly RunRow[], next: string | null, { json }: JsonOption): void {
  if (json) return printJson(io, { runs, next })
  say(io, runs.length > 0 ? runTable(runs).join('\n') : 'There are no such runs.')
  if (next !== null) say(io, `There are more: the same with --after ${next}`)
}

async function printStuck(io: Io, runs: Runs, { limit, json }: Options): Promise<void> {
  const found: StuckRun[] = []
  for await (const stuck of runs.stuck()) if (found.push(stuck) > limit) break
  const page = found.slice(0, limit)
  if (json) return printJson(io, { stuck: page, more: found.length > limit })
  say(io, page.length > 0 ? stuckTable(page).join('\n') : 'No run is stuck.')
  if (found.length > limit) say(io, 'There are more: the same with a higher --limit')
}
