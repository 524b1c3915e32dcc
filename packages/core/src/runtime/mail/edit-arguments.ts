// The arguments with which somebody allows a call instead of those that the model gave: held against the tool's schema
// before anything is left, and without secrets.
import { callAt } from '../../agent/state/calls-of.ts'
import { parseOf } from '../../agent/calls/parse-call.ts'
import { asksOf } from '../../agent/rules/approval.ts'
import type { Entry } from '../../contracts/entry.ts'
import type { CallItem } from '../../contracts/item.ts'
import { badArgument, isObject } from '../../define/argument.ts'
import type { Plan } from '../../define/plan.ts'
import { hideArguments } from '../../engine/effort/redact-arguments.ts'
import type { ApprovalBody } from '../../engine/messages/inbox.ts'
import { redactItem } from '../../journal/redact.ts'
import type { Secrets } from '../../journal/secrets.ts'
import { DefinitionError, messageOf } from '../../values/errors.ts'
import { findUnjson, type JsonObject } from '../../values/json.ts'

/**
 * Holds other arguments for a call against its tool's schema.
 *
 * @param secrets of the run's lineage, which have been loaded: they learn what is secret in the arguments.
 * @returns undefined where they come to what the model gave.
 * @throws DefinitionError with code `bad_arguments` when they break the schema; with `unregistered` when the tool is not
 * known here, so that nobody can check them.
 */
export function editArguments(
  runId: string,
  entries: readonly Entry[],
  { id, arguments: given }: { readonly id: string; readonly arguments?: unknown },
  plan: Plan | undefined,
  secrets: Secrets,
): ApprovalBody['edited'] {
  const expected = 'Give it all the arguments of the call, as an object of plain JSON.'
  const lost = isObject(given) && !Array.isArray(given) ? findUnjson(given) : undefined
  if (!isObject(given) || Array.isArray(given) || lost)
    throw badArgument('runtime.approve was given arguments', given, expected)
  // The state in which the ask was open: it may have been answered since.
  const { state, key, asked } = asksOf(runId, entries, id)
  const call = callAt(state, key)
  const agentPlan = state.holder && plan?.agents.get(state.holder.card.agent)
  if (!call || !agentPlan?.tools.has(call.call.name)) throw unknownTool(runId, id)
  const text = JSON.stringify(given)
  const { extra: _extra, ...item } = call.call
  const hidden: CallItem = redactItem(hideArguments({ ...item, arguments: text }, agentPlan, secrets), secrets.redact)
  const parsed = parseOf(state, { call: hidden, verdict: null }, agentPlan)
  if (parsed.kind !== 'tool') throw bad(runId, id, parsed.kind === 'bad' ? parsed.told : 'They are those of a handoff.')
  try {
    if (secrets.revealing) parsed.input(secrets.revealing)
  } catch (error) {
    throw bad(runId, id, messageOf(error))
  }
  if (parsed.callDigest === asked) return undefined
  // It was an object, and its secrets are texts.
  return { arguments: JSON.parse(hidden.arguments) as JsonObject, asked: parsed.callDigest }
}

function bad(runId: string, id: string, told: string): DefinitionError {
  return new DefinitionError({
    code: 'bad_arguments',
    message: `The call at "${id}" of the run "${runId}" was not allowed with other arguments: ${told.replace(/^Not executed: /, '').replace('Call it again', 'Allow it')}`,
    details: { runId, id },
  })
}

function unknownTool(runId: string, id: string): DefinitionError {
  return new DefinitionError({
    code: 'unregistered',
    message: `The tool at "${id}" of the run "${runId}" is none of this runtime's definitions: other arguments cannot be checked here. Allow it in a runtime whose definitions have that tool.`,
    details: { runId, id },
  })
}
