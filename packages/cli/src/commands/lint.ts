import { readFile } from 'node:fs/promises'
import type { LintFinding, LintRule } from '@reprise/evals'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { command, examples } from '../line/command.ts'
import { exitWith } from '../line/exit-code.ts'
import { inFile, outFile, writeOut } from '../line/files.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import type { Linted } from '../lint/linted.ts'
import { lintSarif } from '../lint/sarif.ts'
import { sayFindings } from '../lint/say-findings.ts'

interface Options extends JsonOption, ConfigOption {
  readonly ignore?: readonly Ignored[]
  readonly sarif?: string
}

/** A rule that is not asked for, of one agent or of all. */
interface Ignored {
  readonly rule: string
  readonly agent: string | undefined
}

/**
 * `reprise lint`: what models are known to take badly in the prompts of a config's definitions, or in files.
 *
 * @param version of this package, which a file of SARIF names.
 */
export function lintCommand(io: Io, version: string): Command {
  return command(io, 'lint', 'name what models take badly in the prompts of the definitions, or in files')
    .argument('[files...]', 'prompts, as a model is sent them; without any, those of the definitions of the config')
    .addOption(
      new Option(
        '--ignore <rule>',
        'leave out what is meant so: contradiction, or contradiction:support of one agent',
      ).argParser(readIgnored),
    )
    .option('--sarif <file>', 'write what is found as SARIF 2.1.0, for code scanning')
    .addOption(jsonOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      `
It knows English, and asks no model. Instructions that are functions are made with a stand-in for the context, and shown
with {context.customer} where it is put in. The exit code is 1 when something is found.

Rules: contradiction, always-call-a-tool, sample-phrase, volatile-prefix, same-description, example-in-description,
json-documents, late-instructions.
${examples('reprise lint', 'reprise lint --sarif lint.sarif --ignore sample-phrase:greeter', 'reprise lint policy.md')}`,
    )
    .action(async (files: readonly string[], options: Options) => {
      const pathOf = (file: string): string => inFile(io, file)
      const sarif = options.sarif === undefined ? undefined : outFile(io, options.sarif)
      const linted = files.length > 0 ? await ofFiles(io, files) : await ofConfig(io, options)
      const findings = linted.findings.filter((found) => !isIgnored(found, options.ignore))
      if (sarif !== undefined)
        await writeOut(sarif, `${JSON.stringify(lintSarif({ ...linted, findings }, version, pathOf), undefined, 2)}\n`)
      if (options.json) printJson(io, { findings, looked: linted.looked, unread: linted.unread })
      else say(io, sayFindings({ ...linted, findings }).join('\n'))
      if (findings.length > 0) exitWith(io, 'failed')
    })
}

async function ofConfig(io: Io, options: Options): Promise<Linted> {
  const { lintDefinitions } = await import('@reprise/evals')
  let linted: Linted | undefined
  await withConfig(io, options, async ({ runtime, path }) => {
    const { findings, agents, unread } = lintDefinitions(runtime.definitions)
    linted = { findings: findings.map((found) => ({ ...found, file: null })), looked: agents, unread, config: path }
  })
  if (!linted) throw new Error('The config was not worked with')
  return linted
}

async function ofFiles(io: Io, files: readonly string[]): Promise<Linted> {
  const { lintPrompt } = await import('@reprise/evals')
  const paths = files.map((file) => inFile(io, file))
  const findings = await Promise.all(
    paths.map(async (path, index) => {
      const file = files[index] ?? path
      return lintPrompt(await readFile(path, 'utf8')).map((found) => ({ ...found, file }))
    }),
  )
  return { findings: findings.flat(), looked: files, unread: [], config: undefined }
}

function isIgnored({ rule, agent }: LintFinding, ignored: readonly Ignored[] = []): boolean {
  return ignored.some((each) => each.rule === rule && (each.agent === undefined || each.agent === agent))
}

/** Held to the rules that there are: one that is misspelt would ignore nothing. */
const RULES: Readonly<Record<LintRule, true>> = {
  contradiction: true,
  'always-call-a-tool': true,
  'sample-phrase': true,
  'volatile-prefix': true,
  'same-description': true,
  'example-in-description': true,
  'json-documents': true,
  'late-instructions': true,
}

function readIgnored(text: string, before: readonly Ignored[] = []): readonly Ignored[] {
  const [rule = '', agent] = text.split(':', 2)
  if (Object.hasOwn(RULES, rule)) return [...before, { rule, agent }]
  throw new InvalidArgumentError(`It must be a rule, or a rule and an agent: ${Object.keys(RULES).join(', ')}.`)
}
