// What has changed of an agent, a team or a tool where a run goes another way. Pure.
import { parseOf, type ParsedCall } from '../../agent/calls/parse-call.ts'
import { decide } from '../../agent/decide/decide.ts'
import { judgeCall } from '../../agent/rules/verdict.ts'
import { callAt, callsOf } from '../../agent/state/calls-of.ts'
import { emptyState, fold, held } from '../../agent/state/fold.ts'
import type { AgentState, CallState } from '../../agent/state/state.ts'
import type { Entry } from '../../contracts/entry.ts'
import type { AgentCard, ToolCard } from '../../contracts/model.ts'
import type { AnyWorkflow } from '../../define/any-workflow.ts'
import { type AgentPlan, type AnyDefinition, type Plan, planOf } from '../../define/plan.ts'
import type { Divergence } from '../../journal/divergence.ts'
import { sortedJson } from '../../values/sorted-json.ts'
import { type LikelyCause, UNKNOWN } from './cause.ts'

/** A run right before the entry that today's code would not have written. */
interface Place {
  readonly state: AgentState
  readonly entry: Entry
  readonly plan: Plan
  readonly agentPlan: AgentPlan
}

/** A call at such a place. */
interface CallPlace extends Place {
  readonly call: CallState
  /** The agent and the tool, as they are told of. */
  readonly tool: string
}

/** Says what is likely behind a divergence of an agent's run. */
export function agentCause(
  { seq }: Divergence,
  entries: readonly Entry[],
  definition: Exclude<AnyDefinition, AnyWorkflow>,
): LikelyCause {
  const plan = planOf(definition)
  const entry = entries[seq]
  if (!entry || seq === 0) return UNKNOWN
  const state = entries.slice(0, seq).reduce(fold, emptyState())
  const { card } = held(state)
  const agentPlan = plan.agents.get(card.agent)
  if (!agentPlan) return agentGone(card, plan)
  const place = { state, entry, plan, agentPlan }
  return ofCall(place) ?? ofAnswer(place) ?? ofBudget(place) ?? ofWording(place) ?? UNKNOWN
}

/** Says where an agent is that the plan does not have: under another name, or nowhere. */
export function agentGone(card: AgentCard, plan: Plan): LikelyCause {
  const where = `${plan.ref.kind} "${plan.ref.name}"`
  const other = [...plan.agents.values()].find((today) => isSameBut(card, today.card))
  if (!other) return { kind: 'agent-removed', said: `the agent "${card.agent}" of ${where} is gone` }
  return { kind: 'agent-renamed', said: `the agent "${card.agent}" of ${where} is called "${other.agent.name}"` }
}

/** Whether two cards are those of one agent under two names. */
export function isSameBut(recorded: AgentCard, today: AgentCard): boolean {
  const without = ({ tools, settings, output, model }: AgentCard): string =>
    sortedJson({ tools, settings, schema: output?.schema ?? null, model })
  return recorded.agent !== today.agent && without(recorded) === without(today)
}

function ofCall(place: Place): LikelyCause | undefined {
  const { state, entry, agentPlan } = place
  const call = callAt(state, entry.key)
  if (!call) return undefined
  const { name } = call.call
  const card = held(state).card.tools.find((tool) => tool.name === name)
  const callPlace = { ...place, call, tool: `"${name}" of agent "${agentPlan.agent.name}"` }
  if (entry.kind === 'handoff.made' && !agentPlan.ways.has(name)) return handoffGone(callPlace, entry.body.to)
  if (!agentPlan.tools.has(name) && !agentPlan.ways.has(name)) return toolGone(callPlace, card)
  const parsed = parseOf(state, call, agentPlan)
  return ofArguments(callPlace, parsed) ?? ofRules(callPlace, parsed) ?? ofEffect(callPlace, parsed)
}

function handoffGone({ state, plan, agentPlan }: CallPlace, to: string): LikelyCause {
  const said = `the handoff from "${agentPlan.agent.name}" to "${to}" is gone`
  if (plan.agents.has(to)) return { kind: 'handoff-removed', said }
  const known = new Set(held(state).card.tools.map((tool) => tool.name))
  const others = [...agentPlan.ways].filter(([name]) => !known.has(name))
  const [other] = others
  if (other && others.length === 1)
    return {
      kind: 'agent-renamed',
      said: `the agent "${to}" is called "${other[1].agent.name}", or was replaced by it`,
    }
  return { kind: 'agent-removed', said: `the agent "${to}" is gone, and with it ${said.replace(' is gone', '')}` }
}

function toolGone({ state, agentPlan, tool }: CallPlace, card: ToolCard | undefined): LikelyCause {
  const known = new Set(held(state).card.tools.map(({ name }) => name))
  const alike = agentPlan.card.tools.filter(
    ({ name, parameters }) => !known.has(name) && sortedJson(parameters) === sortedJson(card?.parameters ?? null),
  )
  const other = alike.find(({ description }) => description === card?.description) ?? alike[0]
  if (!other || (alike.length > 1 && other.description !== card?.description))
    return { kind: 'tool-removed', said: `the tool ${tool} is gone` }
  return { kind: 'tool-renamed', said: `the tool ${tool} is called "${other.name}"` }
}

function ofArguments({ entry, tool }: CallPlace, parsed: ParsedCall): LikelyCause | undefined {
  const isRefused = entry.kind === 'call.failed' && entry.body.asked === undefined
  if (parsed.kind === 'bad' && !isRefused) {
    const places = parsed.told.split('\n').filter((line) => line.startsWith('- '))
    const where = places.map((line) => line.slice(2)).join('; ') || parsed.told
    return { kind: 'arguments-tightened', said: `the arguments of ${tool} are refused: ${where}` }
  }
  if (parsed.kind !== 'tool') return undefined
  const differs =
    'asked' in entry.body && typeof entry.body.asked === 'string' && entry.body.asked !== parsed.callDigest
  if (!differs && !(isRefused && entry.body.error.code === 'bad_arguments')) return undefined
  return { kind: 'arguments-changed', said: `the schema of ${tool} makes something else of its arguments` }
}

function ofRules({ state, entry, call, agentPlan, tool }: CallPlace, parsed: ParsedCall): LikelyCause | undefined {
  if (parsed.kind !== 'tool') return undefined
  const judged = judgeCall(state, callsOf(state), call, parsed, agentPlan.rules)
  const wasRefused = entry.kind === 'call.judged' && !entry.body.allowed
  if (judged.kind === 'refused' && !wasRefused)
    return { kind: 'rule-added', said: `a rule refuses ${tool} here: ${judged.body.told ?? 'it says no'}` }
  if (judged.kind === 'later' && !wasRefused)
    return { kind: 'rule-added', said: `a rule lets ${tool} wait here for other calls` }
  if (judged.kind === 'allowed' && wasRefused)
    return { kind: 'rule-removed', said: `no rule refuses ${tool} here any more` }
  return undefined
}

function ofEffect({ state, plan, entry, call, tool }: CallPlace, parsed: ParsedCall): LikelyCause | undefined {
  if (parsed.kind !== 'tool') return undefined
  const { effect } = parsed.tool
  const isOnce = effect === 'once'
  const wasOnce = entry.kind === 'call.intended' || entry.kind === 'call.doubted' || call.stage.kind === 'intended'
  if (isOnce !== wasOnce && (wasOnce || entry.kind === 'call.returned' || entry.kind === 'call.failed'))
    return { kind: 'effect-changed', said: `the tool ${tool} has the effect '${effect}', and had another` }
  const asks = decide(state, plan).some(
    (action) => action.kind === 'record' && action.draft.kind === 'approval.asked' && action.draft.key === entry.key,
  )
  if (asks) return { kind: 'approval-changed', said: `a call of ${tool} must be allowed by somebody` }
  if (entry.kind === 'approval.asked')
    return { kind: 'approval-changed', said: `a call of ${tool} need not be allowed by anybody` }
  return undefined
}

function ofAnswer({ state, plan, agentPlan }: Place): LikelyCause | undefined {
  if (state.phase.kind !== 'answered') return undefined
  const recorded = held(state).card.output?.schema ?? null
  const today = agentPlan.card.output?.schema ?? null
  const what = `the output of ${plan.ref.kind} "${plan.ref.name}"`
  const path = differentAt(recorded, today)
  if (path === undefined) return { kind: 'output-changed', said: `${what} is checked in another way` }
  return { kind: 'output-changed', said: `the schema of ${what} has changed at ${path}` }
}

function ofBudget({ state, plan }: Place): LikelyCause | undefined {
  for (const action of decide(state, plan)) {
    if (action.kind !== 'record' || action.draft.kind !== 'run.failed') continue
    if (action.draft.body.outcome !== 'over-budget') continue
    return { kind: 'budget-lowered', said: `a budget is too small for it: ${action.draft.body.error.message}` }
  }
  return undefined
}

/** What was asked follows from what is recorded alone: where it does not, words of this framework are others. */
function ofWording({ state, entry }: Place): LikelyCause | undefined {
  if (entry.kind !== 'model.replied' || state.phase.kind !== 'asking') return undefined
  return { kind: 'wording', said: 'the model would be sent other words of the framework, or the journal was changed' }
}

/** The first place at which two values differ, as a path; undefined where they do not. */
function differentAt(one: unknown, other: unknown, path = '#'): string | undefined {
  if (!isObject(one) || !isObject(other)) return sortedJson(one) === sortedJson(other) ? undefined : path
  // The order of fields says nothing of what is taken.
  for (const key of Object.keys({ ...one, ...other })) {
    const found = differentAt(one[key] ?? null, other[key] ?? null, `${path}/${key}`)
    if (found !== undefined) return found
  }
  return undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
