import type { AgentCard, ModelRequest, ModelSettings } from '@reprise/core'
import type {
  FunctionTool,
  ResponseCreateParamsBase,
  ToolChoiceAllowed,
  ToolChoiceOptions,
} from 'openai/resources/responses/responses'
import { toInputItem } from './items.ts'

/** The part of a request that is the same in each turn of an agent. */
type Standing = Omit<ResponseCreateParamsBase, 'input' | 'instructions' | 'tool_choice' | 'stream'>

const standings = new WeakMap<AgentCard, Standing>()

/**
 * A request as the Responses API takes it.
 * The tools never change with `allowedTools`, so that the service's prompt cache stays warm.
 */
export function toBody(request: ModelRequest): ResponseCreateParamsBase {
  const { card, instructions, items } = request
  const choice = toolChoice(request)
  return {
    ...standing(card),
    ...(instructions === '' ? {} : { instructions }),
    ...(choice === undefined ? {} : { tool_choice: choice }),
    input: items.map(toInputItem),
  }
}

function standing(card: AgentCard): Standing {
  let known = standings.get(card)
  if (known === undefined) standings.set(card, (known = describe(card)))
  return known
}

function describe({ model, settings, maxOutputTokens, tools, output }: AgentCard): Standing {
  return {
    model,
    store: false,
    max_output_tokens: maxOutputTokens,
    ...describeSettings(settings),
    ...(tools.length === 0 ? {} : { tools: tools.map(describeTool) }),
    ...(output && {
      text: { format: { type: 'json_schema', strict: true, name: output.name, schema: { ...output.schema } } },
    }),
  }
}

function describeTool({ name, description, parameters }: AgentCard['tools'][number]): FunctionTool {
  return { type: 'function', name, description, parameters: { ...parameters }, strict: true }
}

function describeSettings({ temperature, topP, reasoningEffort }: ModelSettings): Partial<Standing> {
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(reasoningEffort === undefined ? {} : { reasoning: { effort: reasoningEffort } }),
  }
}

function toolChoice({ card, allowedTools }: ModelRequest): ToolChoiceAllowed | ToolChoiceOptions | undefined {
  // The service refuses a choice where there are no tools.
  if (allowedTools === undefined || card.tools.length === 0) return undefined
  if (allowedTools.length === 0) return 'none'
  return { type: 'allowed_tools', mode: 'auto', tools: allowedTools.map((name) => ({ type: 'function', name })) }
}
