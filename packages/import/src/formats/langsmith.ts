// Runs of LangSmith, a line each, as its clients list and send them: of LangChain and LangGraph, and of wrapped clients.
import type { ReplyItem } from '@reprise/core'
import { type Fields, fieldsOf, isFields, listOf, momentOf, saidAsText, textOf } from '../read/json.ts'
import type { FileRecord } from '../read/records.ts'
import type { Report } from '../read/report.ts'
import type { Exchange, Said, SaidReply, Untaken } from '../say/exchange.ts'
import { type ChatReader, chatSaid } from '../say/chat.ts'
import { chatOf } from '../say/langchain.ts'
import { askedWith, exchangeOfApi, isRequest, type OfApi } from '../say/openai.ts'
import { toolsSaid } from '../say/tools.ts'
import { finishSaid, usageSaid } from '../say/usage.ts'
import { isGarbled } from './garbled.ts'
import { type FailedRun, withFailures } from './tool-runs.ts'

/** Reads runs, in any order. */
export function langsmith(records: readonly FileRecord[], report: Report): readonly Exchange[] {
  const failures: FailedRun[] = []
  const exchanges = records.flatMap(({ where, fields }): readonly Exchange[] => {
    const { run_type: type, id, inputs, outputs, error } = fields
    if (typeof type !== 'string') {
      report.leaveOut(where, 'It is no run of LangSmith: it has no `run_type`.')
      return []
    }
    const group = groupOf(fields)
    if (type === 'tool' && error) failures.push({ group, name: saidAsText(fields['name']), input: inputs })
    if (type !== 'llm') {
      report.pass(`${type} run`)
      return []
    }
    const place = `${where}, run ${saidAsText(id)}`
    const read = readRun(fieldsOf(inputs), fieldsOf(outputs), fields)
    if (typeof read === 'string') {
      report.leaveOut(place, read)
      return []
    }
    const named = {
      where: place,
      group,
      id: textOf(fields['trace_id']) ?? saidAsText(id),
      metadata: metadataOf(fields),
    }
    const times = { startedAt: momentOf(fields['start_time']), endedAt: momentOf(fields['end_time']) }
    return [heard({ ...named, ...times, ...read })]
  })
  return withFailures(exchanges, failures)
}

function metadataOf({ extra }: Fields): Fields {
  return fieldsOf(fieldsOf(extra)['metadata'])
}

function groupOf(run: Fields): string {
  const { thread_id: thread, session_id: session, conversation_id: conversation } = metadataOf(run)
  return textOf(thread) ?? textOf(session) ?? textOf(conversation) ?? textOf(run['trace_id']) ?? ''
}

function readRun(inputs: Fields, outputs: Fields, run: Fields): OfApi | string {
  if (Object.keys(inputs).length === 0)
    return 'It has no messages: they were hidden. Trace without LANGSMITH_HIDE_INPUTS and LANGSMITH_HIDE_OUTPUTS.'
  const isApi =
    isRequest(inputs) && (Array.isArray(outputs['choices']) || Array.isArray(outputs['output']) || 'model' in inputs)
  if (isApi) return exchangeOfApi(inputs, outputs)
  const messages = messagesOf(inputs)
  if (!messages)
    return `Its inputs have no messages: they have ${Object.keys(inputs).slice(0, 6).join(', ')}. A prompt of one text is not taken.`
  const { instructions, items, reader } = chatSaid(messages.map(chatOf))
  const { invocation_params: params } = fieldsOf(run['extra'])
  const { ls_model_name: model, ls_max_tokens: most, ls_temperature: temperature } = metadataOf(run)
  const request: Fields = { model, max_tokens: most, temperature, ...fieldsOf(params) }
  const { tools, notes } = toolsSaid(request['tools'] ?? request['functions'])
  const reply = replyOf(outputs, reader)
  return { asked: { ...askedWith(request), instructions, tools }, request: items, reply, notes, previous: undefined }
}

/** One list of messages, or a list of such lists with one in it. */
function messagesOf({ messages }: Fields): readonly Fields[] | undefined {
  if (!Array.isArray(messages)) return undefined
  const inner: unknown = Array.isArray(messages[0]) ? messages[0] : messages
  const all = listOf(inner)
  return all.length > 0 ? all : undefined
}

function replyOf(outputs: Fields, reader: ChatReader): SaidReply | undefined {
  const { generations, message: only } = outputs
  const inner: unknown = Array.isArray(generations) && Array.isArray(generations[0]) ? generations[0] : generations
  const [generation] = listOf(inner)
  const message = isFields(generation?.['message']) ? generation['message'] : only
  if (!isFields(message)) return undefined
  const chat = chatOf(message)
  const {
    usage_metadata: usage,
    response_metadata: response,
    id,
  } = fieldsOf(message['kwargs'] ?? message['data'] ?? message)
  const {
    finish_reason: reason,
    model_name: model,
    token_usage: old,
    status,
    incomplete_details: cut,
  } = fieldsOf(response)
  const finish = reason ?? fieldsOf(generation?.['generationInfo'] ?? generation?.['generation_info'])['finish_reason']
  const tokens = usageSaid(usage) ?? usageSaid(old) ?? usageSaid(fieldsOf(outputs['llm_output'])['token_usage'])
  const exact = textOf(model)
  const responseId = textOf(fieldsOf(response)['id']) ?? textOf(id)
  return {
    items: reader.reply(chat),
    ...finishSaid(finish ?? (status === 'incomplete' ? fieldsOf(cut)['reason'] : undefined)),
    ...(tokens && { usage: tokens }),
    ...(exact !== undefined && { model: exact }),
    ...(responseId !== undefined && { responseId }),
  }
}

/**
 * A wrapped client is recorded by reference: what a program adds to its list of messages later stands in the request too, the
 * reply among it. And a reply that is streamed may have its parallel calls for one.
 */
function heard(exchange: Exchange): Exchange {
  const { request, reply } = exchange
  if (!reply) return exchange
  if (isGarbled(reply.items))
    return { ...exchange, reply: { ...reply, garbled: true }, request: beforeCalls(request, reply.items) }
  return { ...exchange, request: beforeReply(request, reply.items) }
}

/** The first id of a garbled call is one that was given. */
function beforeCalls(request: readonly Said[], items: SaidReply['items']): readonly Said[] {
  const call = items.find((item) => item.kind === 'call')
  const at = request.findIndex((item) => item.kind === 'call' && call?.callId.startsWith(item.callId))
  if (at < 0) return request
  const start = request.slice(0, at).findLastIndex(({ kind }) => kind === 'user' || kind === 'result')
  return request.slice(0, start + 1)
}

function beforeReply(request: readonly Said[], items: SaidReply['items']): readonly Said[] {
  const said = items.filter(({ kind }) => kind !== 'reasoning')
  const first = said[0]
  if (!first) return request
  const at = request.findLastIndex((_, at) => said.every((item, index) => isSame(item, request[at + index])))
  // Words may be said twice. Nobody asks a model what it has just said: such a request has grown since.
  const last = request.at(-1)
  const hasGrown = last?.kind === 'assistant' || last?.kind === 'refusal' || last?.kind === 'call'
  return at >= 0 && (hasGrown || said.some(({ kind }) => kind === 'call')) ? request.slice(0, at) : request
}

function isSame(one: ReplyItem | Untaken, other: Said | undefined): boolean {
  if (one.kind === 'call') return other?.kind === 'call' && other.callId === one.callId
  return other?.kind === one.kind && 'text' in one && 'text' in other && one.text === other.text
}
