import { ToolError } from '@reprise/core'
import { head } from '../text/cut.ts'
import { marksKept } from '../text/marks.ts'
import type { Exchange } from './exchange.ts'

const MAX_CHARS = 20_000

/**
 * Shows a model what a server said, in marks that tell it from what the tool says.
 *
 * @param offset where to begin, for a tool that can be called again for the rest.
 */
export function show({ url, status, text, cut }: Exchange, offset?: number): string {
  const from = offset ?? 0
  if (from > 0 && from >= text.length) throw pastEnd(url, from, text.length)
  const shown = head(text.slice(from), MAX_CHARS).toWellFormed()
  const end = from + shown.length
  const marked = [
    `<response url=${JSON.stringify(url)} status="${status}">`,
    marksKept('response', shown) || '(empty)',
    '</response>',
  ]
  if (end < text.length)
    marked.push(
      `The text has ${text.length} characters; these end at ${end}.${offset === undefined ? '' : ` Read on with offset ${end}.`}`,
    )
  else if (cut) marked.push('The rest of the answer is too long to be read.')
  return marked.join('\n')
}

function pastEnd(url: string, offset: number, length: number): ToolError {
  return new ToolError({
    code: 'past_end',
    message: `${url} has ${length} characters, so there is nothing at offset ${offset}. Use a smaller offset.`,
    details: { url, offset, length },
  })
}
