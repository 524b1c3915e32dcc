import { TextDecoder } from 'node:util'
import type { OpenFile } from '../folder/open-file.ts'
import { type Encoding, guessEncoding } from '../text/encoding.ts'

const CHUNK = 1 << 16

/** Tells the encoding of a file. Without a mark the whole of it is read, as one late byte decides. */
export async function encodingOf(file: OpenFile, signal: AbortSignal): Promise<Encoding | 'binary'> {
  const strict = new TextDecoder('utf-8', { fatal: true })
  let first = true
  for await (const chunk of chunksOf(file, signal)) {
    const guessed = first ? guessEncoding(chunk) : undefined
    if (guessed) return guessed
    first = false
    if (!takes(strict, chunk)) return 'windows-1252'
  }
  return takes(strict) ? 'utf-8' : 'windows-1252'
}

/** Reads a file as text, piece by piece, without its mark. */
export async function* textOf(file: OpenFile, encoding: Encoding, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding)
  for await (const chunk of chunksOf(file, signal)) yield decoder.decode(chunk, { stream: true })
  yield decoder.decode()
}

/** Up to the size that the file had when it was opened: what is written meanwhile is another call's. */
async function* chunksOf({ handle, bytes }: OpenFile, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < bytes;) {
    signal.throwIfAborted()
    const room = Buffer.allocUnsafe(Math.min(CHUNK, bytes - position))
    const { bytesRead } = await handle.read(room, 0, room.length, position)
    if (bytesRead === 0) return
    yield room.subarray(0, bytesRead)
    position += bytesRead
  }
}

function takes(decoder: TextDecoder, chunk?: Uint8Array): boolean {
  try {
    decoder.decode(chunk, { stream: chunk !== undefined })
    return true
  } catch {
    return false
  }
}
