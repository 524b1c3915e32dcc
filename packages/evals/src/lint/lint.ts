import { type AnyAgent, type AnyDefinition, messageOf } from '@reprise/core'
import { type Found, LINT_RULES, type LintFinding, shown } from './rules/finding.ts'
import { alwaysCall, samplePhrases } from './rules/wording.ts'
import { contradictions } from './rules/contradictions.ts'
import { jsonDocuments, lateInstructions } from './rules/context.ts'
import { descriptions, type FoundDescription } from './rules/descriptions.ts'
import { parted, todayIn, volatileAt, volatileWords } from './rules/volatile.ts'
import { type Sentence, sentencesOf } from './rules/sentences.ts'
import { putIn, standIn } from './stand-in.ts'

/** What was found in the prompts of definitions. */
export interface LintReport {
  readonly findings: readonly LintFinding[]
  /** The agents that were looked at, by name. */
  readonly agents: readonly string[]
  /** Those whose instructions could not be made without a context: of these, the tools alone were looked at. */
  readonly unread: readonly { readonly agent: string; readonly problem: string }[]
}

/** What `lintDefinitions` takes. */
export interface LintOptions {
  /** The day that instructions are not to have written in them. @default the system's clock */
  readonly now?: Date
}

/**
 * Names what in a prompt models are known to take badly: instructions that contradict each other, tools that must always be
 * called, phrases that would be repeated, documents as JSON, instructions below a long context, and what is another text in
 * each run before text that is not.
 *
 * It knows English, and only what can be told by the words: it finds nothing wrong with much that is, and seldom anything
 * wrong that is right.
 *
 * @param text as a model is sent it.
 * @returns the findings by their lines; none where nothing was found.
 * @example
 * ```ts
 * import { lintPrompt } from '@reprise/evals'
 *
 * const [finding] = lintPrompt('Always answer in English.\nAnswer in the language of the customer.')
 * console.log(finding?.rule, finding?.line, finding?.other?.line) // contradiction 2 1
 * ```
 */
export function lintPrompt(text: string): readonly LintFinding[] {
  const sentences = sentencesOf(text)
  return told(null, [...ofText(sentences, text), ...volatileWords(sentences, text)])
}

/**
 * Does what `lintPrompt` does to the instructions of agents, and of the members of teams, and looks at their tools: two with
 * one description, and examples of calls in a description.
 *
 * Instructions that are a function are called, twice, with a stand-in for the context: what it puts in is shown as
 * `{context.customer}`, and what differs from one call to the other is told.
 *
 * @example
 * ```ts
 * import { defineAgent } from '@reprise/core'
 * import { lintDefinitions } from '@reprise/evals'
 *
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'You must call a tool before each reply.' })
 * console.log(lintDefinitions([desk]).findings.map(({ agent, rule }) => [agent, rule])) // [ [ 'desk', 'always-call-a-tool' ] ]
 * ```
 */
export function lintDefinitions(definitions: readonly AnyDefinition[], options: LintOptions = {}): LintReport {
  const agents = agentsOf(definitions)
  const now = options.now ?? new Date()
  const unread: { agent: string; problem: string }[] = []
  const findings = agents.flatMap((agent) => {
    const ofTools = descriptions(agent.tools).map((found) => toldOfTool(agent.name, found))
    try {
      return [...told(agent.name, ofInstructions(agent, now)), ...ofTools]
    } catch (error) {
      unread.push({ agent: agent.name, problem: messageOf(error) })
      return ofTools
    }
  })
  return { findings, agents: agents.map(({ name }) => name), unread }
}

/** Each agent once, the newest of its name, in the order of their definitions. */
function agentsOf(definitions: readonly AnyDefinition[]): readonly AnyAgent[] {
  const all = definitions.flatMap((definition): readonly AnyAgent[] => {
    if (definition.kind === 'workflow') return []
    return definition.kind === 'team' ? [...definition.agents.values()] : [definition]
  })
  const newest = new Map<string, AnyAgent>()
  for (const agent of all) if (agent.version >= (newest.get(agent.name)?.version ?? 0)) newest.set(agent.name, agent)
  return [...newest.values()]
}

function ofText(sentences: readonly Sentence[], text: string): readonly Found[] {
  return [
    ...contradictions(sentences),
    ...alwaysCall(sentences, text),
    ...samplePhrases(sentences, text),
    ...jsonDocuments(text),
    ...lateInstructions(sentences, text),
  ]
}

function ofInstructions({ context, instructions }: AnyAgent, now: Date): readonly Found[] {
  const render = (): string => {
    const made: unknown = instructions({ context: context ? standIn('context') : null })
    if (typeof made !== 'string') throw new TypeError(`The instructions gave no text but ${typeof made}.`)
    return made
  }
  const { text, places } = putIn(render())
  nextTick()
  const again = putIn(render()).text
  const sentences = sentencesOf(text)
  const [first, ...others] = places
  const ignored = others.reduce((sum, { start, end }) => sum + end - start, 0)
  const volatile = [
    ...(first ? volatileAt(sentences, text, first.start, first.end, ignored) : []),
    ...parted(sentences, text, again),
    ...todayIn(sentences, text, now),
  ]
  // All of it is mended by the same move, so the first of it is told.
  const [top] = volatile.toSorted((one, other) => one.at.line - other.at.line)
  return [...ofText(sentences, text), ...(top ? [top] : [])]
}

/** Waits for the clock, a millisecond or so: what is made of it is another text then. One that stands still is left alone. */
function nextTick(): void {
  const now = Date.now()
  for (let looks = 0; Date.now() === now && looks < 1_000_000; looks++);
}

function told(agent: string | null, found: readonly Found[]): readonly LintFinding[] {
  return found
    .toSorted((one, two) => one.at.line - two.at.line)
    .map(({ rule, at, other }) => ({
      rule,
      agent,
      tool: null,
      line: at.line,
      words: shown(at.words),
      other: other ? { words: shown(other.words), line: other.line, tool: null } : null,
      ...LINT_RULES[rule],
    }))
}

function toldOfTool(agent: string, { rule, tool, words, other }: FoundDescription): LintFinding {
  return {
    rule,
    agent,
    tool,
    line: null,
    words: shown(words),
    other: other ? { words: shown(other.words), line: null, tool: other.tool } : null,
    ...LINT_RULES[rule],
  }
}
