import { defineTool } from '@reprise/core'
import { z } from 'zod'
import { exchange } from './exchange.ts'
import { type HttpOptions, setUp } from './options.ts'
import { show } from './show.ts'

/**
 * Makes a tool that gets a page or a document from listed hosts, as text: HTML as a person sees it, JSON and the like
 * as they stand; 20,000 characters a call.
 *
 * What a name stands for is looked up once, held against the public internet, and connected to as it was looked at.
 * Each redirect (five at most) is held against the same. A failed connection and a status that may pass (429, 5xx)
 * are tried again; other statuses are told to the model.
 *
 * @throws DefinitionError for a host, an address, a header or a number that cannot be right.
 * @example
 * ```ts
 * import { defineAgent } from '@reprise/core'
 * import { httpGet } from '@reprise/tools'
 *
 * const headers = { authorization: `Bearer ${process.env.SHOP_TOKEN}` }
 * const clerk = defineAgent({
 *   name: 'clerk',
 *   model: 'gpt-4.1-mini',
 *   instructions: 'Look orders up at https://api.example.com/orders/NUMBER.',
 *   tools: [httpGet({ hosts: ['api.example.com'], headers })],
 * })
 * ```
 */
export function httpGet<const Name extends string = 'http_get'>(options: HttpOptions<Name>) {
  // The default of Name says the same.
  const name = (options.name ?? 'http_get') as Name
  const setup = setUp(name, options)
  return defineTool({
    name,
    description: `Gets a web page or document as text. It can ask these hosts only: ${options.hosts.join(', ')}.`,
    input: z.object({
      url: z.string().describe('The complete URL, beginning with https:// or http://.'),
      offset: z.int().min(0).optional().describe('How many characters to pass over, to read on in a long text.'),
    }),
    effect: 'read',
    timeoutMs: setup.timeoutMs,
    execute: async ({ url, offset = 0 }, { signal }) =>
      show(await exchange(url, { method: 'GET', headers: {} }, setup, signal), offset),
  })
}
