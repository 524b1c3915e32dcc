import type { OutOfReach, Runtime, Subject } from '@reprise/core'
import { Argument, type Command } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { byHand } from '../line/by.ts'
import { command, examples } from '../line/command.ts'
import { EXIT, exitWith } from '../line/exit-code.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { harmless } from '../show/text.ts'
import { sayTime } from '../show/time.ts'
import { subjectOf } from './export-subject.ts'
import { count } from '../show/used.ts'

interface Options extends StoreOption, JsonOption {
  readonly by: string
  readonly tenant?: string
  readonly user?: string
}

/** `reprise erase`: destroys what a run and all that came of it hold. */
export function eraseCommand(io: Io): Command {
  const made = command(io, 'erase', 'destroy what a run, and all runs that came of it, hold: nothing brings it back')
    .addArgument(new Argument('[run]', 'the id of a run: of the first of its lineage'))
    .option('--user <name>', 'instead of a run: all that is kept of this person')
    .option('--tenant <name>', 'instead of a run: all of this tenant, or with --user of this person there')
    .requiredOption('--by <name>', 'who wants it: whoever would read the run is told')
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      examples('reprise erase ticket-4711 --by ana', 'reprise erase --tenant acme --user ann@example.org --by ana'),
    )
  return made.action(async (runId: string | undefined, options: Options) => {
    const subject = subjectOf(options)
    if ((runId === undefined) === (subject === undefined))
      return made.error('error: name a run, or a person or a tenant by --user and --tenant, and not both', {
        exitCode: EXIT.usage,
      })
    if (runId === undefined)
      return withStore(io, options, (runtime) => eraseSubject(io, runtime, subject ?? {}, options))
    await withStore(io, options, async (runtime) => {
      const { runs, pending } = await runtime.erase(runId, { by: byHand(options.by) })
      if (options.json) printJson(io, { runId, runs, ...(pending && { pending }) })
      else say(io, `${runId} is erased: ${count(runs, 'run')}.`)
      if (pending && !options.json) say(io, PENDING)
    })
  })
}

const PENDING =
  'Another program reads the store: its text is gone from the files when that ends and the store is opened again.'

/** What cannot be erased from here is told, and so is what keeps the rest: then it is not done. */
async function eraseSubject(io: Io, runtime: Runtime, subject: Subject, { by, json }: Options): Promise<void> {
  const erased = await runtime.eraseSubject(subject, { by: byHand(by) })
  const { lineages, runs, schedules, facts, active, outOfReach, pending } = harmless(erased)
  if (active.length > 0) exitWith(io, 'failed')
  if (json) return printJson(io, erased)
  if (schedules > 0) say(io, `${count(schedules, 'schedule')} deleted.`)
  if (facts > 0) say(io, `${count(facts, 'fact')} erased.`)
  if (runs > 0) say(io, `${count(runs, 'run')} of ${count(lineages, 'lineage')} erased.`)
  if (runs + schedules + facts === 0) say(io, 'Nothing is erased.')
  if (pending) say(io, PENDING)
  if (active.length > 0)
    say(io, `Not ended, and so kept with all of their lineages: ${active.join(', ')}. Cancel them, and do it again.`)
  if (outOfReach.length > 0) say(io, ['Out of reach from here:', ...outOfReach.map(sayOutOfReach)].join('\n'))
}

function sayOutOfReach(one: OutOfReach): string {
  if (one.kind === 'lineage') return `  the run ${one.runId} came of another person's: ${one.lineageId}`
  const what = one.kind === 'backed-up' ? 'the store' : one.runId
  return `  ${what}, ${one.kind} by ${one.by.id} (${one.by.source}) at ${sayTime(one.at)}`
}
