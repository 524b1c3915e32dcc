// Lines of chat: `{ messages, tools }` as fine-tuning takes them, and requests with their answers, of Chat Completions or of
// Responses.
import { type Fields, fieldsOf, isFields, listOf, momentOf, textOf } from '../read/json.ts'
import type { FileRecord } from '../read/records.ts'
import type { Report } from '../read/report.ts'
import type { Exchange } from '../say/exchange.ts'
import { exchangeOfApi, isRequest } from '../say/openai.ts'

/** Reads lines of chat. */
export function chatJsonl(records: readonly FileRecord[], report: Report): readonly Exchange[] {
  const outputs = new Outputs()
  return records.flatMap(({ where, fields }) => {
    const { request: given, response } = partsOf(fields)
    const request = given && outputs.putIn(given)
    outputs.keep(response)
    if (!request) {
      report.leaveOut(where, sayNoRequest(fields))
      return []
    }
    const { choices, output } = response
    const isAnswered = Array.isArray(choices) || Array.isArray(output)
    const read = isAnswered ? exchangeOfApi(request, response) : exchangeOfApi(...whole(request))
    const at = momentOf(response['created'] ?? response['created_at'] ?? fields['created'])
    const named =
      textOf(fields['id']) ?? textOf(fields['custom_id']) ?? (isAnswered ? textOf(response['id']) : undefined)
    const metadata = fieldsOf(fields['metadata'] ?? request['metadata'])
    return { where, group: '', id: named ?? where.replace(' ', '-'), startedAt: at, endedAt: at, metadata, ...read }
  })
}

/** What responses of the file gave, item by item: a later request may name an item by its id. */
class Outputs {
  readonly #items = new Map<unknown, Fields>()

  keep({ output }: Fields): void {
    for (const item of listOf(output)) this.#items.set(item['id'], item)
  }

  putIn(request: Fields): Fields {
    if (!Array.isArray(request['input'])) return request
    const of = (item: Fields): Fields => (isReference(item) ? (this.#items.get(item['id']) ?? item) : item)
    return { ...request, input: listOf(request['input']).map(of) }
  }
}

function isReference(item: Fields): boolean {
  return item['type'] === 'item_reference' || (Object.keys(item).length === 1 && typeof item['id'] === 'string')
}

interface Parts {
  readonly request: Fields | undefined
  readonly response: Fields
}

/** Where dumps have a request and its answer: under these names, or both in one object, as stored completions do. */
function partsOf(fields: Fields): Parts {
  const request = [fields['request'], fields['body'], fields['reqBody'], fields].map(opened).find(isRequest)
  const given = fields['response'] ?? fields['completion'] ?? fields['respJson']
  const response = isFields(given) ? opened(given) : fields
  return { request, response }
}

/** Batches have the body of a request, and of an answer, in `body`. */
function opened(given: unknown): Fields {
  const fields = fieldsOf(given)
  return isFields(fields['body']) && !isRequest(fields) ? fields['body'] : fields
}

/** A conversation of which the last words are the model's: all before them is the request. */
function whole(request: Fields): readonly [Fields, Fields] {
  const messages = listOf(request['messages'])
  const last = messages.at(-1)
  if (last?.['role'] !== 'assistant') return [request, {}]
  return [{ ...request, messages: messages.slice(0, -1) }, { choices: [{ message: last }] }]
}

function sayNoRequest(fields: Fields): string {
  if (fields['object'] === 'chat.completion')
    return 'It is a completion without its messages. Put those of GET /chat/completions/{id}/messages beside it, as `messages`.'
  if (fields['object'] === 'response')
    return 'It is a response without its input. Put that of GET /responses/{id}/input_items beside it: { request: { input }, response }.'
  if ('custom_id' in fields && 'response' in fields)
    return "It is a batch's answer without its request. Put the two together: { request, response }."
  if ('preferred_output' in fields)
    return 'It is a preference of one answer to another, and no conversation that took place.'
  return `It has none of \`messages\`, \`input\` and \`request\`. It has: ${Object.keys(fields).slice(0, 8).join(', ')}.`
}
