import { ApiError, missing, wrongType } from '../http/api-error.ts'
import type { Call, Parameters } from '../http/call.ts'
import { sendJson } from '../http/send.ts'
import { type Check, fields, objectAt, oneOf, text } from '../checks/checks.ts'
import { moderationModels } from '../models/moderation-models.ts'
import { knownBody } from '../validate/validate.ts'

/** What a text may be flagged for, and whether a picture may be, too. */
const categories: Readonly<Record<string, readonly string[]>> = {
  hate: ['text'],
  'hate/threatening': ['text'],
  harassment: ['text'],
  'harassment/threatening': ['text'],
  illicit: ['text'],
  'illicit/violent': ['text'],
  'self-harm': ['text', 'image'],
  'self-harm/intent': ['text', 'image'],
  'self-harm/instructions': ['text', 'image'],
  sexual: ['text', 'image'],
  'sexual/minors': ['text'],
  violence: ['text', 'image'],
  'violence/graphic': ['text', 'image'],
}

/** What is judged together: words and perhaps pictures. */
interface Judged {
  readonly words: string
  readonly kinds: readonly string[]
}

/**
 * Answers `POST /v1/moderations`. It judges nothing: a text is flagged for the categories that it names in square
 * brackets, `[violence]`, and pictures never are.
 */
export function moderate({ body: sent, id, to }: Call): void {
  const { input, model } = validate(sent)
  const results = judgedIn(input).map(({ words, kinds }) => {
    const flagged = (category: string) => words.includes(`[${category}]`)
    return {
      flagged: Object.keys(categories).some(flagged),
      categories: byCategory(flagged),
      category_scores: byCategory((category) => (flagged(category) ? 0.99 : 0.000_01)),
      category_applied_input_types: byCategory((_, applied) => applied.filter((kind) => kinds.includes(kind))),
    }
  })
  sendJson(to, 200, { id: id('modr'), model, results })
}

function byCategory(valueOf: (category: string, applied: readonly string[]) => unknown): object {
  return Object.fromEntries(Object.entries(categories).map(([name, applied]) => [name, valueOf(name, applied)]))
}

function validate(sent: Parameters | undefined): { readonly input: unknown; readonly model: string } {
  const body = knownBody(sent, new Set(['input', 'model']), [], ([name = '']) => {
    return new ApiError(`Unrecognized request argument supplied: ${name}`)
  })
  const { input, model = moderationModels[0] } = body
  if (input === undefined) throw missing('input')
  if (typeof model !== 'string') throw wrongType('model', 'a string', model)
  if (moderationModels.some((name) => name === model)) return { input, model }
  const message = `Invalid value for 'model' = ${model}. Please check the OpenAI documentation and try again.`
  throw new ApiError(message, { param: 'model' })
}

/** A list of texts is judged one by one, a list of parts together. */
function judgedIn(input: unknown): readonly Judged[] {
  if (typeof input === 'string') return [{ words: input, kinds: ['text'] }]
  if (!Array.isArray(input)) throw wrongType('input', 'one of a string or an array', input)
  if (input.every((each) => typeof each === 'string')) return input.map((words) => ({ words, kinds: ['text'] }))
  for (const [index, given] of input.entries()) part(given, `input[${index}]`)
  // They are checked.
  const parts = input as readonly { readonly type: string; readonly text?: string }[]
  const kinds = parts.map(({ type }) => (type === 'text' ? 'text' : 'image'))
  return [{ words: parts.map(({ text: words = '' }) => words).join('\n'), kinds }]
}

const part: Check = (given, at) => {
  fields({ type: oneOf('text', 'image_url') }, 'type')(given, at)
  const isText = objectAt(given, at)['type'] === 'text'
  if (isText) fields({ text }, 'text')(given, at)
  else fields({ image_url: fields({ url: text }, 'url') }, 'image_url')(given, at)
}
