// Items of the Responses API as items, and those of the Agents SDK, which differ in a few names.
import type { AssistantItem, HostedItem, ReplyItem } from '@reprise/core'
import { type Fields, fieldsOf, isFields, listOf, saidAsText, textOf } from '../read/json.ts'
import { citationsIn, type SaidSoFar } from './chat.ts'
import type { Said, Untaken } from './exchange.ts'
import { userSaid, wordsIn } from './parts.ts'

/** Reads the input of a request. */
export function responsesSaid(input: unknown, instructions: string): SaidSoFar {
  if (typeof input === 'string') return { instructions, items: [{ kind: 'user', text: input }] }
  const all = listOf(input)
  const first = all.findIndex(({ role }) => role !== 'system' && role !== 'developer')
  const head = all.slice(0, first < 0 ? all.length : first)
  const told = [instructions, ...head.map(({ content }) => wordsIn(content).text)].filter((text) => text !== '')
  return { instructions: told.join('\n\n'), items: all.slice(head.length).flatMap(itemSaid) }
}

/** Reads the output of a response. */
export function responsesReply(output: unknown): readonly (ReplyItem | Untaken)[] {
  return listOf(output).flatMap((item) => {
    const said = itemSaid(item)
    const isReply = said.every(({ kind }) => kind !== 'user' && kind !== 'result')
    return isReply
      ? (said as readonly (ReplyItem | Untaken)[])
      : [{ kind: 'untaken', what: 'an answer that is no reply' }]
  })
}

const HOSTED: Readonly<Record<string, HostedItem['tool']>> = {
  web_search_call: 'web-search',
  file_search_call: 'file-search',
  code_interpreter_call: 'code-interpreter',
  mcp_call: 'mcp',
  mcp_list_tools: 'mcp',
}

function itemSaid(item: Fields): readonly Said[] {
  const type = item['type'] ?? (typeof item['role'] === 'string' ? 'message' : 'unknown')
  switch (type) {
    case 'message':
      return messageSaid(item)
    case 'function_call': {
      const { name, arguments: written } = item
      return [{ kind: 'call', callId: idOf(item), name: textOf(name) ?? '', arguments: saidAsText(written) }]
    }
    case 'function_call_output':
    case 'function_call_result':
      return resultOf(item)
    case 'reasoning':
      return [thoughtOf(item)]
    default: {
      const tool = typeof type === 'string' ? HOSTED[type] : undefined
      // It came out of JSON.
      if (tool) return [{ kind: 'hosted', tool, item: item as HostedItem['item'] }]
      return [{ kind: 'untaken', what: `an item of type ${JSON.stringify(type)}` }]
    }
  }
}

function idOf({ call_id: callId, callId: ofAgents }: Fields): string {
  return textOf(callId ?? ofAgents) ?? ''
}

function messageSaid({ role, content, phase }: Fields): readonly Said[] {
  if (role === 'user') return [userSaid(content)]
  if (role !== 'assistant')
    return [{ kind: 'untaken', what: `a ${String(role)} message after the conversation had begun` }]
  const parts = listOf(content)
  const refused = parts.flatMap(({ type, refusal }) => (type === 'refusal' ? (textOf(refusal) ?? '') : []))
  const { text, untaken } = wordsIn(
    typeof content === 'string' ? content : parts.filter(({ type }) => type !== 'refusal'),
  )
  const citations = parts.flatMap(({ annotations }) => citationsIn(annotations))
  const answer: AssistantItem = {
    kind: 'assistant',
    text,
    ...(citations.length > 0 && { citations }),
    ...((phase === 'commentary' || phase === 'final_answer') && { phase }),
  }
  return [
    ...(untaken ? [untaken] : []),
    ...refused.map((text) => ({ kind: 'refusal', text }) as const),
    ...(text === '' && refused.length > 0 ? [] : [answer]),
  ]
}

function resultOf(item: Fields): readonly Said[] {
  const { output } = item
  // The Agents SDK has one part where the API has text.
  const { text, untaken } =
    isFields(output) && output['type'] === undefined ? { text: saidAsText(output) } : wordsIn(output)
  if (untaken) return [{ ...untaken, what: `${untaken.what} in what a tool gave` }]
  return [{ kind: 'result', callId: idOf(item), output: text }]
}

function thoughtOf({ id, summary, content, encrypted_content: encrypted, providerData }: Fields): ReplyItem {
  const texts = [...listOf(summary), ...listOf(content)].map(({ text }) => textOf(text) ?? '')
  const sealed = textOf(encrypted) ?? textOf(fieldsOf(providerData)['encrypted_content'])
  const own = textOf(id)
  return {
    kind: 'reasoning',
    text: texts.join('\n\n'),
    ...(own !== undefined && { id: own }),
    ...(sealed !== undefined && { encrypted: sealed }),
  }
}
