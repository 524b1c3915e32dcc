import { type AgentCard, ModelError, type ModelSettings } from '@reprise/core'
import type { Traits } from './traits.ts'

type Effort = ModelSettings['reasoningEffort']

/**
 * The reasoning effort that goes out: the agent's, else what the model's traits say.
 *
 * @param overChat whether the request goes to Chat Completions.
 * @throws ModelError when the model would refuse the agent's settings.
 */
export function effortOf({ model, settings, tools }: AgentCard, traits: Traits | undefined, overChat: boolean): Effort {
  const bound = overChat && tools.length > 0 && traits?.chatToolsUnreasoned === true
  const effort = effortAsked(model, settings, traits) ?? (bound ? 'none' : traits?.effort)
  if (bound && effort !== 'none')
    throw refused(
      model,
      `reasoningEffort "${effort}" with tools over Chat Completions`,
      `Use openai({ api: 'responses' }), or reasoningEffort: 'none'.`,
    )
  const sampled = settings.temperature !== undefined ? 'temperature' : settings.topP !== undefined ? 'topP' : undefined
  if (!sampled || !traits || traits.sampling === 'always') return effort
  if (traits.sampling === 'never') throw refused(model, sampled, `Remove settings.${sampled}.`)
  if (effort !== 'none')
    throw refused(model, `${sampled} while it reasons`, `Remove settings.${sampled}, or set reasoningEffort: 'none'.`)
  return effort
}

/** A model that never reasons takes no effort, not even none: that goes without saying. */
function effortAsked(model: string, { reasoningEffort: effort }: ModelSettings, traits: Traits | undefined): Effort {
  if (!traits || traits.reasons || effort === undefined) return effort
  if (effort === 'none') return undefined
  throw refused(model, `reasoningEffort "${effort}"`, 'Remove settings.reasoningEffort.')
}

function refused(model: string, what: string, remedy: string): ModelError {
  const message = `Model "${model}" takes no ${what}. ${remedy}`
  return new ModelError({ code: 'setting_refused', message, details: { model } })
}
