// What a user says in parts, in the words of Chat Completions, of Responses, of the Agents SDK and of LangChain.
import type { InputPart, Media } from '@reprise/core'
import { type Fields, fieldsOf, isFields, listOf, textOf } from '../read/json.ts'
import type { Said, Untaken } from './exchange.ts'

/** A user's words, pictures and files. */
export function userSaid(content: unknown): Said {
  if (typeof content === 'string') return { kind: 'user', text: content }
  return userOf((isFields(content) ? [content] : listOf(content)).map(partOf))
}

/** What a user says in parts: words at the beginning are the words, all else comes with them. */
export function userOf(read: readonly (InputPart | Untaken)[]): Said {
  const untaken = read.find((part) => part.kind === 'untaken')
  if (untaken) return untaken
  const parts = read.filter((part) => part.kind !== 'untaken')
  const [first, ...rest] = parts
  if (first?.kind !== 'text') return { kind: 'user', text: '', ...(parts.length > 0 && { parts }) }
  return { kind: 'user', text: first.text, ...(rest.length > 0 && { parts: rest }) }
}

/** The words of a message that has nothing else; else what it has. */
export function wordsIn(content: unknown): { readonly text: string; readonly untaken?: Untaken } {
  if (typeof content === 'string') return { text: content }
  const read = (isFields(content) ? [content] : listOf(content)).map(partOf)
  const other = read.find((part) => part.kind !== 'text')
  const text = read.map((part) => (part.kind === 'text' ? part.text : '')).join('')
  if (!other) return { text }
  return {
    text,
    untaken:
      other.kind === 'untaken' ? other : { kind: 'untaken', what: other.kind === 'image' ? 'a picture' : 'a file' },
  }
}

function partOf(part: Fields): InputPart | Untaken {
  const { type, text } = part
  switch (type) {
    case 'text':
    case 'input_text':
    case 'output_text':
    case undefined:
      return { kind: 'text', text: textOf(text) ?? '' }
    case 'image_url':
    case 'input_image':
    case 'image':
      return imageOf(part)
    case 'file':
    case 'input_file':
      return fileOf(part)
    case 'input_audio':
    case 'audio':
      return { kind: 'untaken', what: 'a sound' }
    default:
      return { kind: 'untaken', what: `a part of type ${JSON.stringify(type)}` }
  }
}

function imageOf(part: Fields): InputPart | Untaken {
  const { image_url: said, image, url, data, mime_type: mime, file_id: fileId } = part
  const given =
    said ??
    image ??
    url ??
    (typeof data === 'string' ? `data:${textOf(mime) ?? 'image/png'};base64,${data}` : undefined)
  const media = mediaOf(given, fileId)
  if (!media) return { kind: 'untaken', what: 'a picture without its bytes or address' }
  const detail = fieldsOf(said)['detail'] ?? part['detail']
  return { kind: 'image', ...media, ...((detail === 'low' || detail === 'high') && { detail }) }
}

function fileOf(part: Fields): InputPart | Untaken {
  const inner = isFields(part['file']) ? part['file'] : part
  const { file_data: bytes, file_url: url, file_id: fileId, filename, id } = inner
  const media = mediaOf(
    bytes ?? url ?? inner['url'] ?? (typeof part['file'] === 'string' ? part['file'] : undefined),
    fileId ?? id,
  )
  if (!media) return { kind: 'untaken', what: 'a file without its bytes or address' }
  const name = textOf(filename ?? part['filename'])
  return { kind: 'file', ...media, ...(name !== undefined && { name }) }
}

function mediaOf(given: unknown, fileId: unknown): Media | undefined {
  const url = textOf(given) ?? textOf(fieldsOf(given)['url'])
  if (url !== undefined && /^(?:https?|data):/i.test(url)) return { url }
  const id = textOf(fileId) ?? textOf(fieldsOf(given)['id'])
  return id === undefined ? undefined : { fileId: id }
}
