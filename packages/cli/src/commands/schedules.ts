import { type RunStatus, RepriseError, type Runtime, type Schedule } from '@reprise/core'
import { Argument, type Command, Option } from 'commander'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { command, examples, wholeNumber } from '../line/command.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { readSince } from '../line/since.ts'
import { scheduleTable, type ShownSchedule } from '../show/schedule-table.ts'
import { quote } from '../show/text.ts'
import { sayTime } from '../show/time.ts'
import { count } from '../show/used.ts'

interface ListOptions extends StoreOption, JsonOption {
  readonly after?: string
  readonly limit: number
}

/** `reprise schedules`: lists schedules, and works them by the commands below it. */
export function schedulesCommand(io: Io): Command {
  return command(io, 'schedules', 'list schedules; pause, resume, run, backfill or remove one')
    .option('--after <schedule>', 'the page after the one that ends with this schedule')
    .addOption(new Option('--limit <count>', 'schedules on a page').argParser(wholeNumber(1, 1_000)).default(100))
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addCommand(changeCommand(io, 'pause', 'let a schedule begin nothing until it is resumed', pause))
    .addCommand(changeCommand(io, 'resume', 'let a schedule go on with the next moment that comes', resume))
    .addCommand(runCommand(io))
    .addCommand(backfillCommand(io))
    .addCommand(changeCommand(io, 'remove', 'delete a schedule; its runs stay', remove))
    .addHelpText(
      'after',
      `
A schedule is declared by code, and fired by \`reprise work\` wherever that runs. One is overdue where no worker fires it:
none is up, or none has its definition.

Examples:
  $ reprise schedules
  $ reprise schedules pause nightly
  $ reprise schedules run nightly
  $ reprise schedules backfill nightly --from 2026-11-01 --to 2026-11-08`,
    )
    .action(async (options: ListOptions) => {
      await withStore(io, options, async (runtime) => {
        const { after, limit, json } = options
        const page = await runtime.schedules.list({ ...(after !== undefined && { after }), limit })
        const shown = await Promise.all(page.map((schedule) => withLast(runtime, schedule)))
        const last = page.length === limit ? page.at(-1) : undefined
        const more = last && (await runtime.schedules.list({ after: last.name, limit: 1 })).length > 0
        const next = more ? last.name : null
        if (json) return printJson(io, { schedules: shown, next })
        const none = after === undefined ? 'There are no schedules.' : 'There are no such schedules.'
        say(io, shown.length > 0 ? scheduleTable(shown, Date.now()).join('\n') : none)
        if (next !== null) say(io, `There are more: the same with --after ${quote(next)}`)
      })
    })
}

async function withLast(runtime: Runtime, schedule: Schedule): Promise<ShownSchedule> {
  return { ...schedule, lastStatus: schedule.last ? await statusOf(runtime, schedule.last.runId) : null }
}

async function statusOf({ runs }: Runtime, runId: string): Promise<RunStatus | null> {
  try {
    return (await runs.get(await runs.newest(runId))).status
  } catch (error) {
    if (RepriseError.is(error) && error.code === 'unknown_run') return null
    throw error
  }
}

function scheduleArgument(): Argument {
  return new Argument('<schedule>', 'the name of a schedule')
}

/** A change of a schedule that needs none of its code. @returns what is said of it. */
type Change = (runtime: Runtime, name: string) => Promise<string>

const pause: Change = async ({ schedules }, name) => {
  await schedules.pause(name)
  return `${name} is paused.`
}

const resume: Change = async ({ schedules }, name) => {
  await schedules.resume(name)
  const { nextAt } = await schedules.get(name)
  return nextAt === null ? `${name} goes on, and never comes again.` : `${name} goes on: next at ${sayTime(nextAt)}.`
}

const remove: Change = async ({ schedules }, name) => {
  await schedules.remove(name)
  return `${name} is removed, and its runs stay. Code that declares it makes it anew.`
}

function changeCommand(io: Io, name: string, description: string, change: Change): Command {
  return command(io, name, description)
    .addArgument(scheduleArgument())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText('after', examples(`reprise schedules ${name} nightly`))
    .action(async (schedule: string, options: StoreOption) => {
      await withStore(io, options, async (runtime) => say(io, await change(runtime, schedule)))
    })
}

function runCommand(io: Io): Command {
  return command(io, 'run', 'begin a run of a schedule now, also where it is paused')
    .addArgument(scheduleArgument())
    .addOption(jsonOption())
    .addOption(configOption())
    .addHelpText('after', examples('reprise schedules run nightly'))
    .action(async (schedule: string, options: ConfigOption & JsonOption) => {
      await withConfig(io, options, async ({ runtime }) => {
        const { id } = await runtime.schedules.runNow(schedule)
        if (options.json) printJson(io, { runId: id })
        else say(io, `${id} is queued for a worker.`)
      })
    })
}

interface BackfillOptions extends ConfigOption, JsonOption {
  readonly from: number
  readonly to?: number
}

function backfillCommand(io: Io): Command {
  const moment = (text: string): number => readSince(text, Date.now())
  return command(io, 'backfill', 'begin a run for each moment of a schedule that has none')
    .addArgument(scheduleArgument())
    .addOption(
      new Option('--from <time>', 'from then on: so long ago (7d), or 2026-11-01, or 2026-11-01T10:30Z')
        .argParser(moment)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--to <time>', 'before then, if not now').argParser(moment))
    .addOption(jsonOption())
    .addOption(configOption())
    .addHelpText('after', examples('reprise schedules backfill nightly --from 2026-11-01 --to 2026-11-08'))
    .action(async (schedule: string, options: BackfillOptions) => {
      await withConfig(io, options, async ({ runtime }) => {
        const runIds = await runtime.schedules.backfill(schedule, options.from, options.to ?? Date.now())
        if (options.json) return printJson(io, { runIds })
        const tag = `reprise runs --tag ${quote(`schedule:${schedule}`)}`
        const are = runIds.length === 1 ? 'is' : 'are'
        say(io, `${count(runIds.length, 'run')} ${are} queued for a worker. List those of the schedule with: ${tag}`)
      })
    })
}
