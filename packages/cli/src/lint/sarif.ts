// What is found in prompts as SARIF: a result a finding, at its line of a file, or at the config for an agent.
import { sarifFile } from '../line/sarif-file.ts'
import type { Linted } from './linted.ts'
import { messageOfFinding } from './say-findings.ts'

/** Says what was found as SARIF. @param pathOf the whole path of a file as it was named. */
export function lintSarif({ findings, config }: Linted, version: string, pathOf: (file: string) => string): object {
  return sarifFile({
    name: 'lint',
    config,
    version,
    results: findings.map((found) => ({
      ruleId: found.rule,
      level: 'warning' as const,
      text: messageOfFinding(found),
      definition: found.file === null ? `agent ${found.agent}` : { file: pathOf(found.file), line: found.line ?? 1 },
      identity: `${found.tool ?? ''}\n${found.words}\n${found.other?.words ?? ''}`,
    })),
    ruleOf: (id) => {
      const { why = '', source = '', remedy = '' } = findings.find(({ rule }) => rule === id) ?? {}
      return { text: why, more: `See ${source}`, help: remedy }
    },
  })
}
