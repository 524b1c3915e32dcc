import { ApiError } from './api-error.ts'
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
  return (call) => {
    const address = `${call.method} ${call.path}`
    for (const { pattern, endpoint } of table) {
      const [match, ...names] = pattern.exec(address) ?? []
      if (match !== undefined) return endpoint(call, ...names.map(decodeURIComponent))
    }
    throw new ApiError(`Invalid URL (${address})`, { status: 404 })
  }
}
