import { type AgentCard, ModelError, type ModelRequest } from '@reprise/core'
import type {
  ChatCompletionCreateParamsBase,
  ChatCompletionFunctionTool,
} from 'openai/resources/chat/completions/completions'
import { oneAtATime } from '../dialect/one-at-a-time.ts'
import type { Exchange } from '../dialect/exchange.ts'
import { dateNote } from '../dialect/date-note.ts'
import { effortOf } from '../catalog/sampling.ts'
import { traitsOf } from '../catalog/traits-of.ts'
import { toMessages } from './messages.ts'

/** A request of Chat Completions, but for whether it is streamed. */
export type ChatBody = Omit<ChatCompletionCreateParamsBase, 'stream'>

/**
 * A request as Chat Completions takes it. The platform narrows the tools by a choice, so that its prompt cache stays
 * warm; other servers do not know such a choice and are shown only the tools that may be called.
 *
 * @throws ModelError when the model would refuse the agent's settings, or the agent has hosted tools.
 */
export function toBody(exchange: Exchange): ChatBody {
  const { request, settings, model, connected } = exchange
  const { card, instructions, items } = request
  if (card.hosted) throw hostedUnsupported(card)
  const { platform } = connected
  const messages = toMessages(items, { platform, model: card.model })
  if (instructions !== '') messages.unshift({ role: 'system', content: instructions })
  const note = dateNote(exchange)
  // Templates of other servers take the system's words at the start alone.
  if (note !== undefined) messages.push({ role: platform ? 'developer' : 'user', content: note })
  const traits = traitsOf(card.model, settings.traits)
  const effort = effortOf(card, traits, true)
  const { temperature, topP } = card.settings
  return {
    model,
    messages,
    ...(platform
      ? { store: false, max_completion_tokens: card.maxOutputTokens }
      : { max_tokens: card.maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
    ...(card.output && { response_format: { type: 'json_schema', json_schema: toFormat(card.output) } }),
    ...(platform ? chosen(request) : shown(request)),
    ...(card.tools.length > 0 && oneAtATime(card, platform ? traits : undefined) && { parallel_tool_calls: false }),
  }
}

function toFormat({ name, schema }: NonNullable<AgentCard['output']>) {
  return { name, strict: true, schema: { ...schema } }
}

function chosen({ card, allowedTools, toolChoice }: ModelRequest): Pick<ChatBody, 'tools' | 'tool_choice'> {
  if (card.tools.length === 0) return {}
  const tools = toTools(card, true)
  if (allowedTools === undefined || typeof toolChoice === 'object') return { tools, ...must(toolChoice) }
  if (allowedTools.length === 0) return { tools, tool_choice: 'none' }
  const allowed = allowedTools.map((name) => ({ type: 'function', function: { name } }))
  return {
    tools,
    tool_choice: { type: 'allowed_tools', allowed_tools: { mode: toolChoice ?? 'auto', tools: allowed } },
  }
}

/** What a reply must call. */
function must(toolChoice: ModelRequest['toolChoice']): Pick<ChatBody, 'tool_choice'> {
  if (toolChoice === undefined) return {}
  if (typeof toolChoice === 'string') return { tool_choice: toolChoice }
  return { tool_choice: { type: 'function', function: { name: toolChoice.name } } }
}

function shown({ card, allowedTools, toolChoice }: ModelRequest): Pick<ChatBody, 'tools' | 'tool_choice'> {
  const all = toTools(card, false)
  const tools = allowedTools ? all.filter((tool) => allowedTools.includes(tool.function.name)) : all
  return tools.length === 0 ? {} : { tools, ...must(toolChoice) }
}

const known = { strict: new WeakMap<AgentCard, ChatTools>(), loose: new WeakMap<AgentCard, ChatTools>() }
type ChatTools = ChatCompletionFunctionTool[]

/** The tools of an agent; each card is converted once. */
function toTools(card: AgentCard, strict: boolean): ChatTools {
  const tools = strict ? known.strict : known.loose
  let found = tools.get(card)
  if (!found) tools.set(card, (found = card.tools.map((tool) => toTool(tool, strict))))
  return found
}

function toTool({ name, description, parameters }: AgentCard['tools'][number], strict: boolean): ChatTools[number] {
  return {
    type: 'function',
    function: { name, description, parameters: { ...parameters }, ...(strict && { strict }) },
  }
}

function hostedUnsupported({ agent, hosted = [] }: AgentCard): ModelError {
  const names = hosted.map(({ kind }) => kind).join(', ')
  const message = `Agent "${agent}" has hosted tools (${names}), and Chat Completions has none. Use openai({ api: 'responses' }), or take them off the agent.`
  return new ModelError({ code: 'hosted_unsupported', message })
}
