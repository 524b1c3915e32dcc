// One request to OpenAI's API and its answer, of Chat Completions or of Responses, whoever recorded the two.
import type { ModelSettings } from '@reprise/core'
import { type Fields, fieldsOf, listOf, numberOf, textOf } from '../read/json.ts'
import { type ChatReader, chatSaid, type SaidSoFar } from './chat.ts'
import type { AskedWith, Exchange, SaidReply } from './exchange.ts'
import { responsesReply, responsesSaid } from './responses.ts'
import { outputSaid, toolsSaid } from './tools.ts'
import { finishSaid, usageSaid } from './usage.ts'

/** What one request and its answer say of an exchange. */
export type OfApi = Pick<Exchange, 'asked' | 'request' | 'previous' | 'reply' | 'notes'>

/** Tells whether an object is a request of one of the two. */
export function isRequest({ messages, input }: Fields): boolean {
  return Array.isArray(messages) || typeof input === 'string' || Array.isArray(input)
}

/** Reads a request and its answer; an empty one where none was recorded. */
export function exchangeOfApi(request: Fields, response: Fields): OfApi {
  const { messages, tools, functions, previous_response_id: previous } = request
  const { tools: cards, notes } = toolsSaid(tools ?? functions)
  const asked = { ...askedWith(request), tools: cards }
  const rest = { previous: textOf(previous), notes: [...notes, ...others(response)] }
  if (!Array.isArray(messages)) {
    const said = responsesSaid(request['input'], textOf(request['instructions']) ?? '')
    return { ...rest, ...ofConversation(asked, said), reply: replyOf(response) }
  }
  const said = chatSaid(listOf(messages))
  return { ...rest, ...ofConversation(asked, said), reply: chatReply(said.reader, response) }
}

function ofConversation(asked: AskedWith, { instructions, items }: SaidSoFar): Pick<Exchange, 'asked' | 'request'> {
  return { asked: { ...asked, instructions }, request: items }
}

/** What a request says of the model, but for its instructions and tools. */
export function askedWith(request: Fields): AskedWith {
  const most = request['max_completion_tokens'] ?? request['max_output_tokens'] ?? request['max_tokens']
  return {
    model: textOf(request['model']) ?? '',
    instructions: '',
    settings: settingsOf(request),
    maxOutputTokens: numberOf(most) ?? 4_096,
    tools: [],
    output: outputSaid(request),
  }
}

const EFFORTS: readonly unknown[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh']

function settingsOf(request: Fields): ModelSettings {
  const { temperature, top_p: topP, reasoning_effort: chat, reasoning } = request
  const effort = chat ?? fieldsOf(reasoning)['effort']
  return {
    ...(typeof temperature === 'number' && { temperature }),
    ...(typeof topP === 'number' && { topP }),
    ...(EFFORTS.includes(effort) && { reasoningEffort: effort as NonNullable<ModelSettings['reasoningEffort']> }),
  }
}

/** @param reader what has read the request: functions of old are numbered on from there. */
function chatReply(reader: ChatReader, response: Fields): SaidReply | undefined {
  const [choice] = listOf(response['choices'])
  if (!choice) return undefined
  const items = reader.reply(fieldsOf(choice['message']))
  return { items, ...finishSaid(choice['finish_reason']), ...ofAnswer(response) }
}

function replyOf(response: Fields): SaidReply | undefined {
  const { output, status, incomplete_details: incomplete } = response
  if (!Array.isArray(output) || status === 'failed' || status === 'cancelled') return undefined
  const word = status === 'incomplete' ? (fieldsOf(incomplete)['reason'] ?? 'incomplete') : 'completed'
  return { items: responsesReply(output), ...finishSaid(word), ...ofAnswer(response) }
}

function ofAnswer(response: Fields): Pick<SaidReply, 'model' | 'usage' | 'responseId'> {
  const usage = usageSaid(response['usage'] ?? response['usage_metadata'])
  const responseId = textOf(response['id'])
  const model = textOf(response['model'])
  return { ...(model && { model }), ...(usage && { usage }), ...(responseId !== undefined && { responseId }) }
}

function others({ choices }: Fields): readonly string[] {
  const more = listOf(choices).length - 1
  return more > 0 ? [`${more} of the replies that were asked for at once: the first one counts`] : []
}
