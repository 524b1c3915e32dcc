import type { AskedRequest, Item, ToolCard } from '@reprise/core'
import { bold, dim } from './style.ts'
import { indent } from './text.ts'

/** A whole request as a person reads it. */
export function sayRequest({ card, instructions, items }: AskedRequest): string[] {
  const { agent, version, model, settings, maxOutputTokens, tools, hosted = [], output } = card
  return [
    heading(
      'asked',
      `${agent}, version ${version}: ${model}, ${maxOutputTokens.toLocaleString('en-US')} tokens at most, ${JSON.stringify(settings)}`,
    ),
    heading('instructions'),
    indent(instructions),
    heading('items', String(items.length)),
    ...items.flatMap(sayItem),
    heading('tools', String(tools.length + hosted.length)),
    ...tools.flatMap(sayTool),
    ...hosted.map((tool) => indent(JSON.stringify(tool))),
    ...(output ? [heading('output', output.name), indent(JSON.stringify(output.schema))] : []),
  ]
}

function heading(word: string, more = ''): string {
  return `${bold(word)}${more && `  ${more}`}`
}

function sayItem(item: Item): string[] {
  switch (item.kind) {
    case 'user':
      return [
        named('user'),
        indent(item.text, '    '),
        ...(item.parts ?? []).map((part) => indent(JSON.stringify(part), '    ')),
      ]
    case 'assistant':
    case 'refusal':
      return [named(item.kind), indent(item.text, '    ')]
    case 'reasoning':
      return [named(item.kind), indent(item.text || '(for the service alone)', '    ')]
    case 'call':
      return [named(`call ${item.callId}`), indent(`${item.name} ${item.arguments}`, '    ')]
    case 'result':
      return [named(`result ${item.callId}`), indent(item.output, '    ')]
    case 'hosted':
      return [named(`hosted ${item.tool}`), indent(JSON.stringify(item.item), '    ')]
    default:
      return item satisfies never
  }
}

function sayTool({ name, description, parameters }: ToolCard): string[] {
  return [named(name), indent(description, '    '), indent(JSON.stringify(parameters), '    ')]
}

function named(what: string): string {
  return dim(indent(what))
}
