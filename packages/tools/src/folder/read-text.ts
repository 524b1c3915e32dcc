import { decodeText } from '../text/encoding.ts'
import { readWhole, withFile } from './open-file.ts'
import { refuse } from './refusals.ts'

/**
 * Reads a text file below a root.
 *
 * @throws ToolError for what is no text, what `withFile` refuses, and what is larger than `maxBytes`.
 */
export async function readText(root: string, path: string, maxBytes: number, signal: AbortSignal): Promise<string> {
  const bytes = await withFile(root, path, maxBytes, (file) => readWhole(file, path, maxBytes, signal))
  const decoded = decodeText(bytes)
  if (decoded) return decoded.text
  throw refuse('binary_file', path, 'is no text but binary data', 'Go on without it.')
}
