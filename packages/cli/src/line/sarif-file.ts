// SARIF 2.1.0 as code scanning takes it. What is found of a definition has no line of code: its place is the config, by which
// the definition is reached, and the definition as a logical one.
import { existsSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { digest, printable } from '@reprise/core'

/** Something that was found. */
export interface SarifResult {
  readonly ruleId: string
  readonly level: 'error' | 'warning' | 'note'
  readonly text: string
  /** Its kind and name: `agent support`; or the file in which it stands, and its line. */
  readonly definition: string | { readonly file: string; readonly line: number }
  /** What stays the same of it from one day to the next. */
  readonly identity: string
}

/** What is said of all results of one rule, in sentences. */
export interface SarifRule {
  readonly text: string
  readonly more: string
  readonly help: string
}

/** What a file of SARIF is made of. */
export interface SarifParts<Result extends SarifResult> {
  /** The command that found it. */
  readonly name: string
  /** The path of the config; of results in files, undefined. */
  readonly config: string | undefined
  readonly version: string
  readonly results: readonly Result[]
  readonly ruleOf: (id: Result['ruleId']) => SarifRule
}

/** The content of a file of SARIF. */
export function sarifFile<Result extends SarifResult>(parts: SarifParts<Result>): object {
  const { name, config, version, results, ruleOf } = parts
  const ids = [...new Set(results.map(({ ruleId }: Result): Result['ruleId'] => ruleId))].toSorted()
  const rules = ids.map((id) => {
    const { text, more, help } = ruleOf(id)
    return { id, shortDescription: { text }, fullDescription: { text: `${text} ${more}` }, help: { text: help } }
  })
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'reprise', semanticVersion: version, rules } },
        automationDetails: { id: `reprise/${name}/` },
        results: results.map((result) => resultOf(result, ids.indexOf(result.ruleId), config)),
      },
    ],
  }
}

function resultOf(
  { ruleId, level, text, definition, identity }: SarifResult,
  ruleIndex: number,
  config: string | undefined,
): object {
  const isOfFile = typeof definition !== 'string'
  const { file, line } = isOfFile ? definition : { file: config, line: 1 }
  const name = isOfFile ? definition.file : definition
  return {
    ruleId,
    ruleIndex,
    level,
    message: { text: printable(text).toWellFormed() },
    locations: [
      {
        ...(file !== undefined && {
          physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: line } },
        }),
        ...(!isOfFile && {
          logicalLocations: [{ fullyQualifiedName: printable(definition).toWellFormed(), kind: 'type' }],
        }),
      },
    ],
    // Many stand at one line: without it, services take those of one rule for one.
    partialFingerprints: {
      primaryLocationLineHash: `${digest(`${level}\n${ruleId}\n${name}\n${identity}`).slice(0, 16)}:1`,
    },
  }
}

/** A file's path from the root of its repository, as a URI; from its folder where there is none. */
function uriOf(file: string): string {
  const path = relative(rootOf(file), file)
  return path.split(sep).map(encodeURIComponent).join('/')
}

function rootOf(file: string): string {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder
    if (dirname(folder) === folder) return dirname(file)
  }
}
