import { wrongType, wrongValue } from '../http/api-error.ts'
import { type Check, fields, objectAt, oneOf, orNull, text } from '../checks/checks.ts'

/** What each kind of part must have. */
const parts: Readonly<Record<string, Check>> = {
  input_text: fields({ text }, 'text'),
  input_image: fields({
    image_url: orNull(text),
    file_id: orNull(text),
    detail: orNull(oneOf('low', 'high', 'auto', 'original')),
  }),
  input_file: fields({
    file_id: orNull(text),
    filename: orNull(text),
    file_data: orNull(text),
    file_url: orNull(text),
  }),
  output_text: fields({ text }, 'text'),
  refusal: fields({ refusal: text }, 'refusal'),
}

/** The parts that the model reads. */
export const inputParts = ['input_text', 'input_image', 'input_file'] as const

/** The parts that the model wrote. */
export const outputParts = ['output_text', 'refusal'] as const

/** What is said: a text, or parts of the allowed kinds. */
export function contentOf(allowed: readonly string[]): Check {
  return (content, at) => {
    if (typeof content === 'string') return
    if (!Array.isArray(content)) throw wrongType(at, 'one of an array of objects or string', content)
    for (const [index, part] of content.entries()) {
      const place = `${at}[${index}]`
      fields({ type: text }, 'type')(part, place)
      const type = objectAt(part, place)['type'] as string
      if (!allowed.includes(type)) throw wrongValue(`${place}.type`, type, allowed)
      parts[type]?.(part, place)
    }
  }
}
