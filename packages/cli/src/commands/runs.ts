import type { RunFilter, RunRow } from '@reprise/core'
import { type Command, Option } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { command, wholeNumber } from '../line/command.ts'
import { type Io, say } from '../line/io.ts'
import { sinceOption } from '../line/since.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { STATUSES } from '../runs/statuses.ts'
import { runTable } from '../show/run-table.ts'

type Named = 'status' | 'name' | 'tag' | 'tenant' | 'user'

interface Options extends StoreOption, JsonOption, Pick<RunFilter, Named | 'forkOf' | 'after'> {
  readonly parent?: string
  readonly since?: number
  readonly newest?: true
  readonly limit: number
}

/** `reprise runs`: lists runs, the oldest first where nothing else is asked for. */
export function runsCommand(io: Io): Command {
  return command(io, 'runs', 'list runs, the oldest first')
    .addOption(new Option('--status <status>', 'only those that stand so').choices(STATUSES))
    .option('--name <name>', 'only those of this agent, team or workflow')
    .option('--tag <tag>', 'only those that bear this tag')
    .option('--tenant <name>', 'only those of this tenant')
    .option('--user <name>', 'only those of this person')
    .option('--parent <run>', 'only the children of this run')
    .addOption(sinceOption())
    .option('--newest', 'the newest first')
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
  $ reprise runs --newest --limit 10`,
    )
    .action(async (options: Options) => {
      await withStore(io, options, async ({ runs }) => {
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
