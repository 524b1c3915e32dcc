import type { IncomingMessage } from 'node:http'
import { pipeline, type Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { ToolError } from '@reprise/core'
import { cut } from '../text/cut.ts'

/** What a response may be packed with. */
export const ENCODINGS = 'gzip, deflate, br'

/** What came of a body. */
export interface Body {
  readonly bytes: Buffer
  /** True where more was coming. */
  readonly cut: boolean
}

/**
 * Reads a body, unpacked, up to a limit; then hangs up. A packed body counts by what it unpacks to.
 *
 * @throws ToolError when it is packed in a way that was not asked for.
 */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Body> {
  const chunks: Buffer[] = []
  let total = 0
  for await (const chunk of unpacked(response)) {
    // Neither a response nor zlib gives anything else.
    const bytes = chunk as Buffer
    chunks.push(bytes)
    total += bytes.length
    if (total > maxBytes) break
  }
  response.destroy()
  return { bytes: Buffer.concat(chunks).subarray(0, maxBytes), cut: total > maxBytes }
}

function unpacked(response: IncomingMessage): Readable {
  const encoding = (response.headers['content-encoding'] ?? '').trim().toLowerCase()
  if (encoding === '' || encoding === 'identity') return response
  // What goes wrong with the response is thrown where the unpacked bytes are read.
  return pipeline(response, unpacker(encoding), () => undefined)
}

function unpacker(encoding: string): Transform {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip()
  if (encoding === 'deflate') return createInflate()
  if (encoding === 'br') return createBrotliDecompress()
  throw new ToolError({
    code: 'encoding_refused',
    message: `The server packed its answer as ${JSON.stringify(cut(encoding, 100))}, and only ${ENCODINGS} were asked for. Go on without it, and say so.`,
    details: { encoding },
  })
}
