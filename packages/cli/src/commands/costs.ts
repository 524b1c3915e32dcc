import { formatUsd } from '@reprise/core'
import { type Command, Option } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { BY, type Cost, type Costs, sumCosts } from '../costs/sum-costs.ts'
import { command, examples } from '../line/command.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { sinceOption } from '../line/since.ts'
import { columns } from '../show/columns.ts'
import { bold, dim, open } from '../show/style.ts'
import { oneLine } from '../show/text.ts'
import { count } from '../show/used.ts'

interface Options extends StoreOption, JsonOption {
  readonly since?: number
  readonly name?: string
  readonly tag?: string
  readonly by?: (typeof BY)[number]
}

/** `reprise costs`: what runs have used in sum. */
export function costsCommand(io: Io): Command {
  return command(io, 'costs', 'sum up what runs have used: turns, calls, tokens, dollars')
    .addOption(sinceOption())
    .option('--name <name>', 'only runs of this agent, team or workflow, with the runs below them')
    .option('--tag <tag>', 'only runs that bear this tag, with the runs below them')
    .addOption(new Option('--by <part>', 'in groups').choices(BY))
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      `
Each run counts once, with what it used itself. By name and by model that counts for what used it, by tag for the run
that was started: one with several tags counts for each. By model reads the journals, and takes longer for it.
What a run that is under way uses is in the sum when it next ends or rests.
${examples('reprise costs --since 7d --by name', 'reprise costs --tag web --by day', 'reprise costs --by model --json')}`,
    )
    .action(async ({ by, json, since, name, tag, ...options }: Options) => {
      await withStore(io, options, async (runtime) => {
        const filter = {
          ...(since !== undefined && { since }),
          ...(name !== undefined && { name }),
          ...(tag !== undefined && { tag }),
        }
        const costs = await sumCosts(runtime, filter, by)
        if (json) printJson(io, jsonOf(costs))
        else print(io, costs, by)
      })
    })
}

function jsonOf({ groups, total }: Costs): unknown {
  return { groups: [...groups].map(([key, cost]) => ({ key, ...flat(cost) })), total: flat(total) }
}

function flat({ used, ...rest }: Cost) {
  return { ...rest, ...used }
}

function print(io: Io, { groups, total }: Costs, by: string | undefined): void {
  const head = [(by ?? '').toUpperCase(), 'RUNS', 'TURNS', 'CALLS', 'TOKENS IN', 'CACHED', 'TOKENS OUT', 'COST'].map(
    bold,
  )
  const dearest = [...groups].toSorted(([, one], [, other]) => other.used.costNano - one.used.costNano)
  const inOrder = by === 'day' ? [...groups].toSorted(([one], [other]) => (one < other ? -1 : 1)) : dearest
  const rows = inOrder.map(([key, cost]) => cells(oneLine(key), cost))
  for (const line of columns([head, ...rows, cells('all', total)])) say(io, line)
  const { unpricedRuns, used } = total
  if (unpricedRuns > 0)
    say(
      io,
      open(
        `${count(unpricedRuns, 'run')} with ${count(used.unpriced, 'turn')} of unknown price: the cost is more than that.`,
      ),
    )
  if (used.refused) say(io, dim(`Rules refused ${count(used.refused, 'call')}.`))
  if (used.estimated) say(io, dim(`${formatUsd(used.estimated)} of it is estimated: asks that broke off.`))
}

function cells(key: string, { runs, used, unpricedRuns }: Cost): string[] {
  const { turns, calls, inputTokens, cachedTokens, outputTokens, costNano } = used
  return [
    key,
    ...[runs, turns, calls, inputTokens].map((number) => number.toLocaleString('en-US')),
    inputTokens > 0 ? `${Math.round((100 * cachedTokens) / inputTokens)} %` : '',
    outputTokens.toLocaleString('en-US'),
    `${unpricedRuns > 0 ? '>' : ''}${formatUsd(costNano)}`,
  ]
}
