import type { Ask, AskFilter } from '@reprise/core'
import { type Command, Option } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { command, examples, wholeNumber } from '../line/command.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { askTable } from '../show/ask-table.ts'

interface Options
  extends StoreOption, JsonOption, Pick<AskFilter, 'kind' | 'tool' | 'name' | 'tag' | 'tenant' | 'user' | 'after'> {
  readonly limit: number
}

/** `reprise approvals`: lists what people are asked just now. */
export function approvalsCommand(io: Io): Command {
  const kinds: readonly Ask['kind'][] = ['approval', 'answer']
  return command(io, 'approvals', 'list what waits for people: calls to allow, and calls to answer')
    .addOption(new Option('--kind <kind>', 'only these').choices(kinds))
    .option('--tool <name>', 'only calls of this tool')
    .option('--name <name>', 'only in runs of this agent or team')
    .option('--tag <tag>', 'only in runs that bear this tag')
    .option('--tenant <name>', 'only in runs of this tenant')
    .option('--user <name>', 'only in runs of this person')
    .option('--after <next>', 'the page after the one that ends so')
    .addOption(new Option('--limit <count>', 'asks on a page').argParser(wholeNumber(1, 1_000)).default(100))
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText('after', examples('reprise approvals', 'reprise approvals --kind answer --json'))
    .action(async ({ kind, tool, name, tag, tenant, user, after, limit, ...options }: Options) => {
      const filter = {
        ...(kind !== undefined && { kind }),
        ...(tool !== undefined && { tool }),
        ...(name !== undefined && { name }),
        ...(tag !== undefined && { tag }),
        ...(tenant !== undefined && { tenant }),
        ...(user !== undefined && { user }),
        ...(after !== undefined && { after }),
        limit,
      }
      await withStore(io, options, async (runtime) => {
        const page = await runtime.approvals(filter)
        if (options.json) return printJson(io, page)
        const { asks, next } = page
        say(io, asks.length > 0 ? askTable(asks).join('\n') : 'Nobody is asked anything.')
        if (next !== null) say(io, `There are more: the same with --after ${next}`)
      })
    })
}
