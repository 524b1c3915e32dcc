// `gen_ai.input.messages` and `gen_ai.output.messages`, as attributes of a span or of its event with the details.
import { type Fields, listOf, parsed } from '../read/json.ts'
import { genaiReply, genaiSaid, genaiText } from '../say/genai.ts'
import { toolsSaid } from '../say/tools.ts'
import type { OfSpan } from './of-span.ts'
import type { OtlpEvent, OtlpSpan } from './otlp.ts'

const LOST = 'no instructions and no tools, since its instrumentation leaves those of a Responses request out'

export function ofMessages({ attributes }: OtlpSpan, events: readonly OtlpEvent[]): OfSpan | undefined {
  // Some write one for the request and one for the answer.
  const details = events.filter(({ name }) => name === 'gen_ai.client.inference.operation.details')
  const all: Fields = Object.assign({}, ...details.map((event) => event.attributes), attributes) as Fields
  const input = parsed(all['gen_ai.input.messages'])
  if (!Array.isArray(input)) return undefined
  const instructions = genaiText(parsed(all['gen_ai.system_instructions']))
  const said = genaiSaid(listOf(input), instructions)
  const { tools, notes } = toolsSaid(parsed(all['gen_ai.tool.definitions']))
  const [message] = listOf(parsed(all['gen_ai.output.messages']))
  return {
    asked: { instructions: said.instructions, tools },
    request: said.items,
    notes: said.isInside ? [...notes, LOST] : notes,
    ...(message && { reply: { items: genaiReply(message) } }),
  }
}
