import type { AgentCard, ModelRequest } from '@reprise/core'
import type {
  FunctionTool,
  ResponseCreateParamsBase,
  Tool,
  ToolChoiceAllowed,
  ToolChoiceFunction,
  ToolChoiceOptions,
} from 'openai/resources/responses/responses'
import { oneAtATime } from '../dialect/one-at-a-time.ts'
import type { Exchange } from '../dialect/exchange.ts'
import { dateNote } from '../dialect/date-note.ts'
import { effortOf } from '../catalog/sampling.ts'
import { traitsOf } from '../catalog/traits-of.ts'
import { keyOf } from '../connect/key.ts'
import type { Settings } from '../dialect/settings.ts'
import { hostedChoice, toHostedTool } from './hosted.ts'
import { toInput } from './items.ts'

/**
 * A request as the Responses API takes it.
 * The tools never change with `allowedTools`, so that the service's prompt cache stays warm.
 *
 * @throws ModelError when the model would refuse the agent's settings.
 */
export async function toBody(exchange: Exchange): Promise<ResponseCreateParamsBase> {
  const { request, settings, model } = exchange
  const { card, instructions, items } = request
  const choice = choiceOf(request)
  const note = dateNote(exchange)
  const input = toInput(items, card.model)
  if (note !== undefined) input.push({ type: 'message', role: 'developer', content: note })
  return {
    model,
    ...describe(card, settings),
    ...tools(await letIn(toolsOf(card), settings)),
    ...(instructions === '' ? {} : { instructions }),
    ...(choice === undefined ? {} : { tool_choice: choice }),
    input,
  }
}

function describe(card: AgentCard, { traits: own, background }: Settings): Partial<ResponseCreateParamsBase> {
  const { settings, maxOutputTokens, output, tools } = card
  const traits = traitsOf(card.model, own)
  const effort = effortOf(card, traits, false)
  return {
    // The service keeps nothing, but for what it must in order to go on by itself.
    store: background,
    ...(background && { background }),
    max_output_tokens: maxOutputTokens,
    ...(settings.temperature === undefined ? {} : { temperature: settings.temperature }),
    ...(settings.topP === undefined ? {} : { top_p: settings.topP }),
    ...(effort === undefined ? {} : { reasoning: { effort } }),
    // What is not kept there must travel: thoughts go to and fro, as only the service can read them.
    ...(traits?.reasons && effort !== 'none' && { include: ['reasoning.encrypted_content'] }),
    ...(tools.length > 0 && oneAtATime(card, traits) && { parallel_tool_calls: false }),
    ...(output && { text: { format: toFormat(output) } }),
  }
}

const known = new WeakMap<AgentCard, readonly Tool[]>()

/** The tools of an agent; each card is converted once. */
function toolsOf(card: AgentCard): readonly Tool[] {
  let found = known.get(card)
  if (!found) known.set(card, (found = [...card.tools.map(toTool), ...(card.hosted ?? []).map(toHostedTool)]))
  return found
}

function toTool({ name, description, parameters }: AgentCard['tools'][number]): FunctionTool {
  return { type: 'function', name, description, parameters: { ...parameters }, strict: true }
}

function toFormat({ name, schema }: NonNullable<AgentCard['output']>) {
  return { type: 'json_schema', strict: true, name, schema: { ...schema } } as const
}

function tools(all: readonly Tool[]): Pick<ResponseCreateParamsBase, 'tools'> {
  return all.length === 0 ? {} : { tools: all as Tool[] }
}

/** Tells each remote server what lets the service in: it stands in no definition, since those are journaled. */
async function letIn(all: readonly Tool[], { mcpAuthorization }: Settings): Promise<readonly Tool[]> {
  if (Object.keys(mcpAuthorization).length === 0) return all
  return Promise.all(
    all.map(async (tool) => {
      const key = tool.type === 'mcp' ? mcpAuthorization[tool.server_label] : undefined
      return key === undefined ? tool : ({ ...tool, authorization: await keyOf('mcpAuthorization', key) } as Tool)
    }),
  )
}

function choiceOf({
  card,
  allowedTools,
  toolChoice,
}: ModelRequest): ToolChoiceAllowed | ToolChoiceFunction | ToolChoiceOptions | undefined {
  // The service refuses a choice where there are no tools.
  if (card.tools.length === 0) return undefined
  if (typeof toolChoice === 'object') return { type: 'function', name: toolChoice.name }
  if (allowedTools === undefined) return toolChoice
  const own = allowedTools.map((name) => ({ type: 'function', name }))
  // What must be called is one of the agent's own.
  const allowed = toolChoice === undefined ? [...own, ...(card.hosted ?? []).map(hostedChoice)] : own
  return allowed.length === 0 ? 'none' : { type: 'allowed_tools', mode: toolChoice ?? 'auto', tools: allowed }
}
