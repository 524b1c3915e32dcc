import type { AskedRequest, Item } from '@reprise/core'
import { bold, dim } from './style.ts'
import { harmless, indent, oneLine } from './text.ts'

/** A whole request as a person reads it: nothing is cut. */
export function sayRequest(asked: AskedRequest): string[] {
  const { card, instructions, items, today } = harmless(asked)
  const { agent, version, model, settings, maxOutputTokens, tools, hosted = [], output } = card
  return [
    `${bold('asked')}  ${oneLine(`${agent}, version ${version}: ${model}, ${JSON.stringify({ ...settings, maxOutputTokens })}, on ${today}`)}`,
    bold('instructions'),
    indent(instructions),
    `${bold('items')}  ${items.length}`,
    ...items.flatMap(sayItem),
    `${bold('tools')}  ${tools.length + hosted.length}`,
    ...tools.flatMap(({ name, description, parameters }) => block(name, description, JSON.stringify(parameters))),
    ...hosted.flatMap(({ kind, ...options }) => block(kind, JSON.stringify(options))),
    ...(output ? [`${bold('output')}  ${output.name}`, indent(JSON.stringify(output.schema))] : []),
  ]
}

function sayItem(item: Item): string[] {
  switch (item.kind) {
    case 'user':
      return block('user', item.text, ...(item.parts ?? []).map((part) => JSON.stringify(part)))
    case 'assistant':
    case 'refusal':
      return block(item.kind, item.text)
    case 'reasoning':
      return block('reasoning', item.text || '(for the service alone)')
    case 'call':
      return block(`call ${item.callId}`, `${item.name} ${item.arguments}`)
    case 'result':
      return block(`result ${item.callId}`, item.output, ...(item.parts ?? []).map((part) => JSON.stringify(part)))
    case 'hosted':
      return block(`hosted ${item.tool}`, JSON.stringify(item.item))
    default:
      return item satisfies never
  }
}

/** Texts under a name. */
function block(name: string, ...texts: readonly string[]): string[] {
  return [dim(indent(oneLine(name))), ...texts.map((text) => indent(text, '    '))]
}
