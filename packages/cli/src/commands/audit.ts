import { AUDITED, type AuditAction, type AuditEntry, type AuditFilter } from '@reprise/core'
import { type Command, Option } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { readAge } from '../line/age.ts'
import { byHand } from '../line/by.ts'
import { command, wholeNumber } from '../line/command.ts'
import { EXIT } from '../line/exit-code.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { sinceOption } from '../line/since.ts'
import { columns } from '../show/columns.ts'
import { bold } from '../show/style.ts'
import { harmless } from '../show/text.ts'
import { sayTime } from '../show/time.ts'
import { count } from '../show/used.ts'

interface Options extends StoreOption, JsonOption {
  readonly run?: string
  readonly lineage?: string
  readonly tenant?: string
  readonly by?: string
  readonly action?: AuditAction
  readonly since?: number
  readonly newest?: true
  readonly after?: number
  readonly limit: number
  readonly prune?: number
}

/** `reprise audit`: tells who did what to runs. */
export function auditCommand(io: Io): Command {
  const made = command(io, 'audit', 'tell who approved, edited, cancelled, read, exported or erased what, and when')
    .option('--run <run>', 'only what was done to this run')
    .option('--lineage <run>', 'only what was done to this run and to all that came of it')
    .option('--tenant <name>', 'only what was done to runs of this tenant')
    .option('--by <name>', 'only what they did; with --prune: who wants it')
    .addOption(new Option('--action <action>', 'only that').choices(AUDITED))
    .addOption(sinceOption())
    .option('--newest', 'the newest first')
    .addOption(new Option('--after <number>', 'the page after this one').argParser(wholeNumber(1)))
    .addOption(new Option('--limit <count>', 'how many on a page').argParser(wholeNumber(1, 1_000)).default(100))
    .addOption(
      new Option('--prune <age>', 'forget all that was done longer ago than that: 400d')
        .argParser(readAge)
        .conflicts(['run', 'lineage', 'tenant', 'action', 'since', 'newest', 'after', 'limit']),
    )
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      `
It says nothing of what runs hold, and outlives erasure and cleaning up.

Examples:
  $ reprise audit --run ticket-4711
  $ reprise audit --action erased --since 30d --json
  $ reprise audit --prune 400d --by ana`,
    )
  return made.action(async (options: Options) => {
    if (options.prune !== undefined && options.by === undefined)
      return made.error('error: say who wants it forgotten: --prune <age> --by <name>', { exitCode: EXIT.usage })
    await withStore(io, options, async (runtime) => {
      if (options.prune !== undefined) {
        const pruned = await runtime.pruneAudit({ olderThanMs: options.prune, by: byHand(options.by) })
        if (options.json) printJson(io, { pruned })
        else say(io, `${count(pruned, 'entry', 'entries')} forgotten.`)
        return
      }
      const filter = filterOf(options)
      const page = await runtime.audit(filter)
      const last = page.length === options.limit ? page.at(-1) : undefined
      const more = last && (await runtime.audit({ ...filter, after: last.id, limit: 1 })).length > 0
      print(io, page, more ? last.id : null, options)
    })
  })
}

function filterOf({ run, lineage, tenant, by, action, since, newest, after, limit }: Options): AuditFilter {
  return {
    ...(run !== undefined && { runId: run }),
    ...(lineage !== undefined && { lineageId: lineage }),
    ...(tenant !== undefined && { tenant }),
    ...(by !== undefined && { by }),
    ...(action && { action }),
    ...(since !== undefined && { from: since }),
    ...(newest && { order: 'newest' }),
    ...(after !== undefined && { after }),
    limit,
  }
}

function print(io: Io, audit: readonly AuditEntry[], next: number | null, { json }: JsonOption): void {
  if (json) return printJson(io, { audit, next })
  const head = ['WHEN', 'WHO', 'DID', 'RUN', 'TENANT', 'WHAT'].map(bold)
  say(
    io,
    audit.length > 0
      ? columns([head, ...audit.map((entry) => cells(harmless(entry)))]).join('\n')
      : 'Nothing such was done.',
  )
  if (next !== null) say(io, `There is more: the same with --after ${next}`)
}

function cells({ at, by, action, runId, tenant, what }: AuditEntry): string[] {
  return [sayTime(at), `${by.id} (${by.source})`, action, runId ?? '', tenant ?? '', what ?? '']
}
