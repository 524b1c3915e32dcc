import {
  type AnyDefinition,
  messageOf,
  type RetentionOptions,
  type RunRow,
  type RunStatus,
  type Runtime,
} from '@reprise/core'
import { openStores } from '@reprise/store'
import { loadConfig } from '../config/load-config.ts'
import type { ConfigOption } from '../config/with-config.ts'
import type { Io } from '../line/io.ts'
import { saySpan, sayTime } from '../show/time.ts'
import { count } from '../show/used.ts'
import { type Finding, known, told, well, wrong } from './finding.ts'
import { onOpen, type OnPostgres, openOnPostgres } from './on-postgres.ts'
import { service } from './service.ts'
import { stuck } from './stuck.ts'

/** Those of runs that have not ended. */
const OPEN = ['queued', 'running', 'waiting', 'quarantined'] as const satisfies RunStatus[]

/** How far a clock may be behind what others have written. */
const LATE_MS = 60_000

/** What was found of a config. */
export interface SetUp {
  readonly findings: readonly Finding[]
  /** The files of its store, where it opens. */
  readonly stores: readonly string[]
  /** What was found of its store, where that is on Postgres. */
  readonly onPostgres?: OnPostgres
  /** For how long its runtime keeps runs; undefined where there is none. */
  readonly retention?: RetentionOptions
}

/** Looks at a config, at what it exports, and at how that fits the runs of its store. */
export async function setUp(io: Io, given: ConfigOption & { readonly online?: true }): Promise<SetUp> {
  // Whoever loads this as a library may have other stores open.
  const before = new Set(await openStores())
  const others = new Set(await openOnPostgres())
  const opened = async (): Promise<readonly string[]> => (await openStores()).filter((path) => !before.has(path))
  let config: Awaited<ReturnType<typeof loadConfig>>
  try {
    config = await loadConfig(io.cwd(), given.config)
  } catch (error) {
    return { findings: [told('config', messageOf(error))], stores: [] }
  }
  const { runtime, path, signals } = config
  try {
    const findings = [
      well('config', `${path} exports a runtime${signals.size > 0 ? ` and ${count(signals.size, 'signal')}` : ''}`),
      definitions(runtime.definitions),
      ...(await service(io, modelsOf(runtime.definitions), given.online === true)),
    ]
    try {
      const rows = await openRuns(runtime)
      findings.push(...unregistered(runtime.definitions, rows), clock(await newest(runtime), Date.now()))
      findings.push(...(await stuck(runtime)))
    } catch (error) {
      return { findings: [...findings, told('store', messageOf(error))], stores: await opened() }
    }
    const [open] = (await openOnPostgres()).filter((store) => !others.has(store))
    const { retention } = runtime
    return { findings, stores: await opened(), retention, ...(open && { onPostgres: await onOpen(open, retention) }) }
  } finally {
    await runtime.close()
  }
}

function definitions(all: readonly AnyDefinition[]): Finding {
  if (all.length === 0)
    return known('definitions', 'none', 'Give createRuntime({ definitions }) your agents, teams and workflows.')
  return well('definitions', all.map(({ kind, name, version }) => `${kind} ${name} ${version}`).join(', '))
}

/** The models that the agents ask, each once. */
function modelsOf(all: readonly AnyDefinition[]): readonly string[] {
  const agents = all.flatMap((definition) => {
    if (definition.kind === 'workflow') return []
    return definition.kind === 'team' ? [...definition.agents.values()] : [definition]
  })
  return [...new Set(agents.map(({ model }) => model))]
}

async function openRuns({ runs }: Runtime): Promise<readonly RunRow[]> {
  const found: RunRow[] = []
  for (const status of OPEN) {
    let page = await runs.list({ status, limit: 1_000 })
    while (page.length > 0) {
      found.push(...page)
      const last = page.at(-1)
      page = last && page.length === 1_000 ? await runs.list({ status, limit: 1_000, after: last.id }) : []
    }
  }
  return found
}

/** Runs that nobody can go on with here, and those that would go on under another version. */
function unregistered(all: readonly AnyDefinition[], rows: readonly RunRow[]): readonly Finding[] {
  const known = new Set(all.map(({ kind, name }) => `${kind} ${name}`))
  const versions = new Set(all.map(({ kind, name, version }) => `${kind} ${name} ${version}`))
  const lost = rows.filter(({ kind, name }) => !known.has(`${kind} ${name}`))
  const other = rows.filter(
    ({ kind, name, version }) => known.has(`${kind} ${name}`) && !versions.has(`${kind} ${name} ${version}`),
  )
  return [
    ...[...Map.groupBy(lost, ({ kind, name }) => `${kind} ${name}`)].map(([definition, runs]) =>
      wrong(
        'definitions',
        `${count(runs.length, 'run')} of the ${definition}, which is not registered: nobody goes on with ${runs.length === 1 ? 'it' : 'them'} here`,
        'Add it to createRuntime({ definitions }), or end them: reprise cancel RUN',
      ),
    ),
    ...[...Map.groupBy(other, ({ kind, name, version }) => `${kind} ${name} ${version}`)].map(([definition, runs]) =>
      noted(definition, runs),
    ),
  ]
}

function noted(definition: string, runs: readonly RunRow[]): Finding {
  const [first] = runs
  return known(
    'definitions',
    `${count(runs.length, 'run')} of the ${definition}, of which another version is registered`,
    `See whether ${runs.length === 1 ? 'it goes' : 'they go'} on under that one: reprise replay ${first?.id ?? 'RUN'}`,
  )
}

async function newest({ runs }: Runtime): Promise<RunRow | undefined> {
  const [row] = await runs.list({ order: 'newest', limit: 1 })
  return row
}

/** Timers, retries and leases go by the clock. */
function clock(row: RunRow | undefined, now: number): Finding {
  const ahead = row ? Math.max(row.createdAt, row.endedAt ?? 0) - now : 0
  if (ahead <= LATE_MS) return well('clock', `it is ${sayTime(now)}`)
  return wrong(
    'clock',
    `it is ${sayTime(now)} here, and ${row?.id ?? ''} was written ${saySpan(ahead)} later`,
    'Set the clocks of the machines by the same time (NTP): timers and retries go by them.',
  )
}
