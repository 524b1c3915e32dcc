import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { TextDecoder } from 'node:util'
import { ToolError } from '@reprise/core'
import { cut as cutText } from '../text/cut.ts'
import { decode, guessEncoding } from '../text/encoding.ts'
import type { Body } from './body.ts'
import { htmlToText } from './html.ts'

const HTML = /^(?:text\/html|application\/xhtml\+xml)$/
const TEXT = /^text\/|[/+](?:json|xml|yaml|javascript|x-ndjson|x-yaml|x-www-form-urlencoded)$/

/**
 * Turns a body into text by what its head says it is: HTML into what a person sees, other text as it stands.
 *
 * @throws ToolError with code `not_text` for images, archives and the like.
 */
export async function toText(response: IncomingMessage, { bytes, cut }: Body, url: URL): Promise<string> {
  const [type = '', ...parameters] = (response.headers['content-type'] ?? '').split(';').map((part) => part.trim())
  const kind = type.toLowerCase()
  const guessed = guessEncoding(bytes)
  if ((kind !== '' && !HTML.test(kind) && !TEXT.test(kind)) || guessed === 'binary') throw notText(url, type)
  const isHtml = HTML.test(kind)
  const said = charsetIn(parameters) ?? (isHtml ? charsetInPage(bytes) : undefined)
  const text = decode(bytes, decoderOf(guessed ?? said, bytes, cut), cut)
  return isHtml ? htmlToText(text, url) : text
}

function charsetIn(parameters: readonly string[]): string | undefined {
  return parameters.map((parameter) => /^charset="?([^"]+)"?$/i.exec(parameter)?.[1]).find(Boolean)
}

/** A page says its charset within its first 1,024 bytes. @see https://html.spec.whatwg.org/#charset */
function charsetInPage(bytes: Buffer): string | undefined {
  return /<meta[^>]*?charset\s*=\s*["']?([\w-]+)/i.exec(bytes.subarray(0, 1_024).toString('latin1'))?.[1]
}

function decoderOf(charset: string | undefined, bytes: Buffer, cut: boolean): TextDecoder {
  try {
    if (charset !== undefined) return new TextDecoder(charset)
  } catch {
    // A charset that nobody knows is as none.
  }
  return new TextDecoder(isUtf8(bytes) || (cut && endsInHalf(bytes)) ? 'utf-8' : 'windows-1252')
}

function endsInHalf(bytes: Buffer): boolean {
  return [1, 2, 3].some((count) => isUtf8(bytes.subarray(0, -count)))
}

/** A header is a server's words: what is no type is quoted, and cut. */
function saidType(type: string): string {
  return /^[\w.+/-]{1,100}$/.test(type) ? type : JSON.stringify(cutText(type, 100))
}

function notText(url: URL, type: string): ToolError {
  return new ToolError({
    code: 'not_text',
    message: `${url.href} is no text but ${type === '' ? 'binary data' : saidType(type)}. Go on without it, or use another URL.`,
    details: { url: url.href, type },
  })
}
