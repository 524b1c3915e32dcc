import type { FakeAnswer, FakeAsk, FakeReply } from '@reprise/fake-openai'

type Item = FakeAsk['body']['input'][number]

/**
 * The model that every client speaks to: it looks the weather up where it is asked for and there is a tool for that,
 * repeats what was said first where it is asked, answers in the form that it is given, and greets else. Models of GPT-6
 * think before that.
 */
export function worldly(ask: FakeAsk): FakeAnswer {
  const answer = answerOf(ask)
  if (!ask.model.startsWith('gpt-6') || ask.api === 'chat') return answer
  const thought = {
    id: `rs_${ask.n}`,
    type: 'reasoning',
    summary: [{ type: 'summary_text', text: 'I look outside.' }],
    ...(ask.body.store === false && { encrypted_content: 'gAAAAABn' }),
  }
  return { ...answer, items: [thought], reasoningTokens: 12 }
}

function answerOf({ body }: FakeAsk): FakeReply {
  const { input, tools = [], tool_choice: choice, text } = body
  const said = input.filter((item) => 'role' in item && item.role === 'user').map(textOf)
  const last = said.at(-1) ?? ''
  const names = tools.map((tool) => tool.name)
  const forced = typeof choice === 'object' && choice.type === 'function' ? choice.name : undefined
  if (forced !== undefined) return { calls: [{ name: forced, arguments: report }] }
  const handoff = names.find((name) => name.startsWith('transfer_to'))
  if (handoff !== undefined && /refund/.test(last)) return { calls: [{ name: handoff, arguments: {} }] }
  const results = input.slice(input.findLastIndex(isUsers) + 1).flatMap(outputOf)
  if (/weather/.test(last) && names.includes('get_weather') && results.length === 0)
    return { calls: citiesOf(last).map((city) => ({ name: 'get_weather', arguments: { city } })) }
  if (text?.format?.type === 'json_schema') return { text: JSON.stringify(report) }
  if (results.length > 0) return { text: `It is so: ${results.join(', ')}` }
  if (/say first/.test(last)) return { text: `You said: ${said[0]}` }
  return { text: 'Hello there, and welcome.' }
}

/** What a structured answer is. */
const report = { city: 'Paris', degrees: 21 }

function isUsers(item: Item): boolean {
  return 'role' in item && item.role === 'user'
}

function citiesOf(text: string): string[] {
  return text.match(/Paris|Rome/g) ?? ['Paris']
}

function outputOf(item: Item): string[] {
  return item.type === 'function_call_output' ? [partsText(item.output)] : []
}

function textOf(item: Item): string {
  return 'role' in item ? partsText(item.content) : ''
}

function partsText(content: string | readonly { readonly text?: string }[]): string {
  return typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('')
}
