import { defineTool, digest, messageOf, ToolError } from '@reprise/core'
import { z } from 'zod'
import { exchange } from './exchange.ts'
import { type HttpOptions, setUp } from './options.ts'
import { show } from './show.ts'

/**
 * Makes a tool that posts JSON to listed hosts, under the same checks as `httpGet`.
 *
 * Each request carries an `Idempotency-Key`: the same for every attempt of one call, also after a crash. The tool is
 * `idempotent` for that, so list hosts only whose POST honours the header; for any other, define a `once` tool.
 *
 * @throws DefinitionError for a host, an address, a header or a number that cannot be right.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 * @example
 * ```ts
 * import { defineAgent } from '@reprise/core'
 * import { httpPost } from '@reprise/tools'
 *
 * const headers = { authorization: `Bearer ${process.env.SHOP_TOKEN}` }
 * const clerk = defineAgent({
 *   name: 'clerk',
 *   model: 'gpt-4.1-mini',
 *   instructions: 'Place orders at https://api.example.com/orders.',
 *   tools: [httpPost({ hosts: ['api.example.com'], headers })],
 * })
 * ```
 */
export function httpPost<const Name extends string = 'http_post'>(options: HttpOptions<Name>) {
  // The default of Name says the same.
  const name = (options.name ?? 'http_post') as Name
  const setup = setUp(name, options)
  return defineTool({
    name,
    description: `Posts JSON to a URL and gives the answer as text. It can ask these hosts only: ${options.hosts.join(', ')}.`,
    input: z.object({
      url: z.string().describe('The complete URL, beginning with https:// or http://.'),
      json: z.string().describe('The body as JSON text, such as {"name":"Ana"}.'),
    }),
    effect: 'idempotent',
    timeoutMs: setup.timeoutMs,
    execute: async ({ url, json }, { idempotencyKey, signal }) => {
      checkJson(json)
      // Servers take keys of 255 characters or fewer.
      const headers = { 'content-type': 'application/json', 'idempotency-key': digest(idempotencyKey) }
      return show(await exchange(url, { method: 'POST', headers, body: json }, setup, signal))
    },
  })
}

function checkJson(json: string): void {
  try {
    JSON.parse(json)
  } catch (error) {
    throw new ToolError({
      code: 'not_json',
      message: `The body is not JSON: ${messageOf(error)}. Nothing was sent. Mend it and call again.`,
    })
  }
}
