import type { IncomingMessage } from 'node:http'

/** Reads all that a request carries. It rejects where the client leaves before the end. */
export function readBytes(from: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    from.on('data', (chunk: Buffer) => chunks.push(chunk))
    from.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    from.once('error', reject)
  })
}
