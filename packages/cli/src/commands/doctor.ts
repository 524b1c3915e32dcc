import type { RetentionOptions } from '@reprise/core'
import type { Examination as OnPostgres } from '@reprise/postgres'
import { type Examination, examine } from '@reprise/store'
import type { Command } from 'commander'
import { type ConfigOption, configOption } from '../config/with-config.ts'
import { encryptionOf, namedStore } from '../config/named-store.ts'
import { storeOption, withStore } from '../config/with-store.ts'
import { type Finding, known } from '../doctor/finding.ts'
import { findingsOf } from '../doctor/findings.ts'
import { command, examples } from '../line/command.ts'
import { exitWith } from '../line/exit-code.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { columns } from '../show/columns.ts'
import { bad, dim, good, open } from '../show/style.ts'
import { oneLine } from '../show/text.ts'

interface Options extends JsonOption, ConfigOption {
  readonly store?: string
  readonly online?: true
}

interface Diagnosis {
  readonly findings: readonly Finding[]
  /** Of the store, where one was looked at. */
  readonly found: Examination | OnPostgres | null
}

/** `reprise doctor`: looks whether all is well with a set-up and its store, while others use it. */
export function doctorCommand(io: Io): Command {
  return command(io, 'doctor', 'look whether all is well with a set-up and its store, while it is in use')
    .option('--online', 'also ask the service at OPENAI_BASE_URL whether it is there, and for its models')
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      `
With --store, or REPRISE_STORE, it looks at that store alone; else at Node.js, the config, its definitions, and its store.
The exit code is 1 when something is wrong. It repairs nothing.
${examples('reprise doctor', 'reprise doctor --online', 'reprise doctor --store desk.db')}`,
    )
    .action(async (options: Options) => {
      const store = options.store ?? io.env['REPRISE_STORE']
      const { findings, found } =
        store === undefined || options.config !== undefined ? await ofSetUp(io, options) : await ofNamed(io, store)
      const healthy = findings.every(({ ok }) => ok)
      if (options.json) printJson(io, { healthy, findings, found })
      else print(io, findings)
      if (!healthy) exitWith(io, 'failed')
    })
}

async function ofNamed(io: Io, store: string): Promise<Diagnosis> {
  const named = namedStore(io, store)
  if (named.kind === 'file') return ofStore(io, named.path)
  const { onPostgres } = await import('../doctor/on-postgres.ts')
  const { findings, found } = await onPostgres(io, named)
  // To open one would raise its schema, and wants its keys and its blobs.
  const isWhole = findings.every(({ check, ok }) => ok || check !== 'blobs')
  const opens =
    isWhole && found?.fault === null && found.keys?.fault === null && found.schema.found === found.schema.known
  if (!opens) return { findings, found }
  const { stuck } = await import('../doctor/stuck.ts')
  const more: Finding[] = []
  await withStore(io, { store }, async (runtime) => void more.push(...(await stuck(runtime))))
  return { findings: [...findings, ...more], found }
}

async function ofStore(io: Io, path: string, retention?: RetentionOptions): Promise<Diagnosis> {
  const found = await examine(path, encryptionOf(io))
  return { findings: findingsOf(found, retention), found }
}

/** The store that the config opens is looked at once the config's runtime is closed. */
async function ofSetUp(io: Io, options: Options): Promise<Diagnosis> {
  const { platform, space } = await import('../doctor/surroundings.ts')
  const { setUp } = await import('../doctor/set-up.ts')
  const surroundings = await platform()
  const { findings, stores, retention, onPostgres } = await setUp(io, options)
  const [path] = stores
  if (onPostgres) return { findings: [...surroundings, ...findings, ...onPostgres.findings], found: onPostgres.found }
  if (path === undefined) return { findings: [...surroundings, ...findings], found: null }
  const store = await ofStore(io, path, retention)
  const ofFile = store.findings.map((finding) => (finding.check === 'key' && !finding.ok ? KEY_OF_CONFIG : finding))
  return { findings: [...surroundings, ...findings, await space(path), ...ofFile], found: store.found }
}

const KEY_OF_CONFIG = known(
  'key',
  'encrypted, and the config has the key',
  'Set REPRISE_KEY to it, and doctor looks at the owners and the runs too.',
)

function print(io: Io, findings: readonly Finding[]): void {
  for (const line of columns(findings.map(row))) say(io, line)
  const wrong = findings.filter(({ ok }) => !ok)
  const noted = findings.filter(({ ok, remedy }) => ok && remedy !== null)
  if (wrong.length === 0) say(io, 'Nothing is wrong.')
  sayRemedies(io, 'What to do:', wrong)
  sayRemedies(io, 'To know:', noted)
}

function sayRemedies(io: Io, head: string, findings: readonly Finding[]): void {
  if (findings.length === 0) return
  say(io, `\n${head}`)
  for (const { check, remedy } of findings) say(io, `  ${check}: ${oneLine(remedy ?? '')}`)
}

function row({ check, ok, found, remedy }: Finding): readonly string[] {
  const mark = ok ? (remedy === null ? good('ok') : open('know')) : bad('wrong')
  return [mark, dim(check), oneLine(found)]
}
