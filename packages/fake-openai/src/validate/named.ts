import { ApiError } from '../http/api-error.ts'
import type { InputItem } from '../script/body.ts'
import { fakeModel, type FindModel } from '../models/models.ts'

/** What a request may name. */
export interface Named {
  readonly find: FindModel
  /** Whether a file of this id was uploaded and is still there. */
  readonly hasFile: (id: string) => boolean
  /**
   * What was said in a conversation.
   *
   * @throws ApiError where there is none of this id.
   */
  readonly conversation: (id: string) => readonly InputItem[]
  /** The id of what was reasoned right before an item that is kept. */
  readonly reasonedBefore: (id: string) => string | undefined
}

/** The platform's own models, any file, and nothing that was said before. */
export const anyNamed: Named = {
  find: fakeModel,
  hasFile: () => true,
  conversation: () => [],
  reasonedBefore: () => undefined,
}

/**
 * Checks that the files that are named in messages, outputs of calls and tools are there.
 *
 * @param at the place of what is looked through.
 * @throws ApiError where one is not. The platform's words for it are not known: these are what it says of files.
 */
export function validateFiles(value: unknown, at: string, hasFile: Named['hasFile']): void {
  if (typeof value !== 'object' || value === null) return
  const isList = Array.isArray(value)
  for (const [name, inner] of Object.entries(value)) {
    const place = isList ? `${at}[${name}]` : `${at}.${name}`
    if (name === 'file_id' && typeof inner === 'string') thereOr(inner, place, hasFile)
    else if (name === 'file_ids' && Array.isArray(inner))
      for (const [index, id] of inner.entries()) thereOr(String(id), `${place}[${index}]`, hasFile)
    else if (places.has(name) || isList) validateFiles(inner, place, hasFile)
  }
}

/** Where files are named: not in what the model or the caller says for itself, as in arguments and annotations. */
const places = new Set(['content', 'output', 'file', 'container'])

function thereOr(id: string, param: string, hasFile: Named['hasFile']): void {
  if (!hasFile(id)) throw new ApiError(`No such File object: ${id}`, { status: 404, param })
}
