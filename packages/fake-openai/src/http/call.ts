import type { ServerResponse } from 'node:http'
import { notJson } from './api-error.ts'
import type { MakeId } from './ids.ts'

/** A request's JSON body before it is checked. */
export type Parameters = Readonly<Record<string, unknown>>

/** A request that came in, and where its answer goes. */
export interface Call {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  /** Absent where there was none, or none that is a JSON object. */
  readonly body: Parameters | undefined
  readonly bytes: Buffer
  readonly id: MakeId
  readonly to: ServerResponse
}

/** Parses the body of a request; undefined where it is not a JSON object. */
export function parseParameters(text: string): Parameters | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Parameters) : undefined
  } catch {
    return undefined
  }
}

/**
 * The body of a request that may have none.
 *
 * @throws ApiError where there is one that is not a JSON object.
 */
export function bodyIfAny({ body, bytes }: Pick<Call, 'body' | 'bytes'>): Parameters {
  if (!body && bytes.length > 0) throw notJson()
  return body ?? {}
}

/** Aborts when the answer's connection is closed: its client left, or the server ends. */
export function untilClosed({ to }: Call): AbortSignal {
  const controller = new AbortController()
  // It may have left while a script was asked.
  if (to.destroyed) controller.abort()
  else to.once('close', () => controller.abort())
  return controller.signal
}
