// What many replays found as SARIF: a rule a likely cause, a result a group of runs.
import type { CauseGroup, CauseKind, DifferenceGroup, ReplaySummary } from '@reprise/core'
import { sarifFile, type SarifResult } from '../line/sarif-file.ts'
import { count } from '../show/used.ts'

/** What a file of SARIF is about. */
export interface SarifParts {
  readonly summary: ReplaySummary
  /** The path of the config. */
  readonly config: string
  readonly version: string
  /** Whether what breaks nobody is an error too. */
  readonly strict: boolean
}

type RuleId = CauseKind | 'text-changed'
type Level = SarifResult['level']
type Finding = SarifResult & { readonly ruleId: RuleId }

/** The most characters of a text that is told. */
const MOST = 1_000

const WHAT: Readonly<Record<RuleId, string>> = {
  'agent-removed': 'An agent that runs are with, or come to, is gone.',
  'agent-renamed': 'An agent that runs are with, or come to, has another name.',
  'approval-changed': 'Somebody must allow a call that went without, or need not any more.',
  'arguments-changed': 'The schema of a tool makes something else of recorded arguments.',
  'arguments-tightened': 'The schema of a tool refuses recorded arguments.',
  'budget-lowered': 'A budget is too small for what runs have used.',
  'child-changed': 'A workflow gives a child run another input.',
  'child-renamed': 'A workflow starts another child run.',
  damaged: 'The journal of a run is not what was written.',
  'definition-removed': 'The definition of runs is not registered.',
  'definition-renamed': 'The definition of runs has another name.',
  'effect-changed': 'A tool has another effect.',
  'handoff-removed': 'An agent does not hand over any more to another that it handed over to.',
  'instructions-threw': 'Instructions throw that a run would adopt.',
  'output-changed': 'The schema of an output takes something else.',
  'result-changed': 'A workflow ends otherwise.',
  'rule-added': 'A rule refuses a recorded call.',
  'rule-removed': 'No rule refuses a call any more that was refused.',
  'step-added': 'A workflow has a step that was not recorded.',
  'step-moved': 'A step of a workflow comes later.',
  'step-removed': 'A step of a workflow is gone.',
  'step-renamed': 'A step of a workflow has another name.',
  'text-changed': 'A text that a model was told is another today.',
  'text-stopped': "A text has changed of a definition that says onChange: 'stop'.",
  'tool-removed': 'A tool that was called is gone.',
  'tool-renamed': 'A tool that was called has another name.',
  unknown: 'A run goes another way for a cause that is not known.',
  wording: 'What a model would be sent is worded otherwise.',
  'workflow-changed': 'The code of a workflow does something else.',
}

/** Says what many replays found as SARIF. */
export function sarifOf({ summary, config, version, strict }: SarifParts): object {
  return sarifFile({
    name: 'replay',
    config,
    version,
    results: findingsOf(summary, strict),
    ruleOf: (id) => ({
      text: WHAT[id],
      more: 'It was found by replaying stored runs under the code of today; the cause is a likely one.',
      help: 'Look at the run with: reprise replay RUN',
    }),
  })
}

function findingsOf({ inFlight, answers }: ReplaySummary, strict: boolean): Finding[] {
  const parted: Level = strict ? 'error' : 'warning'
  return [
    ...inFlight.causes.map((group) => ofCause(group, 'error', `${count(group.runs, 'run')} in flight would break`)),
    ...answers.causes.map((group) =>
      ofCause(group, levelOf(group, parted), `${count(group.runs, 'run')} would go another way`),
    ),
    ...answers.differences.map((group) => ofDifference(group, strict ? 'error' : 'note')),
  ]
}

/** Of what is damaged, nobody can say what it would do. */
function levelOf({ cause }: CauseGroup, parted: Level): Level {
  return cause.kind === 'damaged' ? 'error' : parted
}

function ofCause({ definition, cause, example }: CauseGroup, level: Level, what: string): Finding {
  const text = `${what}, likely since ${cause.said}. Such as "${example.runId}": ${example.message}`
  return { ruleId: cause.kind, level, text, definition: `${definition.kind} ${definition.name}`, identity: cause.said }
}

function ofDifference({ agent, field, change, runs, example }: DifferenceGroup, level: Level): Finding {
  const how = change ? `: it was ${short(change.recorded)}, and is ${short(change.today)}` : ' in many ways'
  const text = `Changed: the ${field} of agent "${agent}", in ${count(runs, 'run')}, such as "${example}"${how}`
  return {
    ruleId: 'text-changed',
    level,
    text,
    definition: `agent ${agent}`,
    identity: `${field}\n${change?.today ?? ''}`,
  }
}

function short(text: string): string {
  return text.length > MOST ? `${text.slice(0, MOST)}\u2026` : text
}
