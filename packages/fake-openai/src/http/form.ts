import { ApiError, missing } from './api-error.ts'
import type { Call } from './call.ts'

/** A file that came in by a form. */
export interface Upload {
  readonly filename: string
  readonly bytes: Buffer
  readonly fields: Readonly<Record<string, string>>
}

/**
 * Reads a form with a file.
 *
 * @throws ApiError where it is no form, or has no file.
 */
export async function readUpload({ bytes, headers }: Pick<Call, 'bytes' | 'headers'>): Promise<Upload> {
  const form = await parseForm(bytes, headers['content-type'] ?? '')
  const file = form.get('file')
  if (!(file instanceof File)) throw missing('file')
  const fields = Object.fromEntries([...form].filter(([, value]) => typeof value === 'string')) as Upload['fields']
  return { filename: file.name, bytes: Buffer.from(await file.arrayBuffer()), fields }
}

async function parseForm(bytes: Buffer, contentType: string): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } }).formData()
  } catch {
    throw new ApiError('Could not parse multipart form. Send the file as multipart/form-data.')
  }
}
