import { type ContentPart, type InputItem, isMessage, isOutput, type ResponsesBody } from '../script/body.ts'

/**
 * How many tokens the platform takes off a limit for a request: it does not count, it divides characters by four.
 * On recorded traffic that is right within 20 tokens, whatever output the request allows.
 */
export function estimateTokens({ instructions, input }: ResponsesBody): number {
  const texts = [...(instructions ? [instructions] : []), ...input.map(textOf)]
  return texts.reduce((sum, text) => sum + Math.ceil(text.length / 4) + 1, 2)
}

function textOf(item: InputItem): string {
  if (item.type === 'function_call') return item.arguments
  if (item.type === 'custom_tool_call') return item.input
  if (isOutput(item)) return partsText(item.output)
  return isMessage(item) ? partsText(item.content) : ''
}

function partsText(content: string | readonly ContentPart[]): string {
  return typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('')
}
