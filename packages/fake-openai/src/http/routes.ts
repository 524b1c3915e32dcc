import { ApiError, beyondTheFake } from './api-error.ts'
import type { Call } from './call.ts'

/** Answers the requests to one address; the names in its path come in their order. */
type Endpoint = (call: Call, ...names: string[]) => void | Promise<void>

/** Endpoints by method and path: `GET /v1/files/:id/content`. */
export type Routes = Readonly<Record<string, Endpoint>>

/** Makes one endpoint of many. It throws an ApiError for an address that none of them has. */
export function router(routes: Routes): Endpoint {
  const table = Object.entries(routes).map(([address, endpoint]) => {
    const pattern = new RegExp(`^${address.replace(/:\w+/g, '([^/]+)')}$`)
    return { pattern, endpoint }
  })
  const names = Object.keys(routes).flatMap((address) => /\/v1\/\w+(\/completions)?/.exec(address)?.[0] ?? [])
  const served = `It serves ${[...new Set(names)].join(', ')}.`
  return (call) => {
    const address = `${call.method} ${call.path}`
    for (const { pattern, endpoint } of table) {
      const [match, ...names] = pattern.exec(address) ?? []
      if (match !== undefined) return endpoint(call, ...names.map((name) => decode(name, address)))
    }
    throw isBeyond(call.path) ? beyondTheFake(address, null, served) : invalidUrl(address)
  }
}

/** What the platform has at addresses that the fake has not. */
const beyond = new RegExp(
  String.raw`^/v1/(${[
    'assistants|audio|chatkit|completions|containers|content_provenance_checks|evals|fine_tuning',
    'images|organization|projects|realtime|skills|threads|uploads|vector_stores|videos',
    'models/[^/]+',
  ].join('|')})(/|$)`,
)

function isBeyond(path: string): boolean {
  return beyond.test(path)
}

function decode(name: string, address: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    throw invalidUrl(address)
  }
}

/** What is said of an address that there is not. */
export function invalidUrl(address: string): ApiError {
  return new ApiError(`Invalid URL (${address})`, { status: 404 })
}
