import { messageOf, ModelError } from '@reprise/core'
import type { UnwrapWebhookEvent } from 'openai/resources/webhooks/webhooks'

/** What says that a webhook is OpenAI's. */
export interface WebhookOptions {
  /** @default the environment's `OPENAI_WEBHOOK_SECRET` */
  readonly secret?: string
}

/**
 * Checks that a webhook was sent by OpenAI a short while ago, and reads it: `response.completed` tells that a response
 * in the background may be taken up.
 *
 * @param body as it came: the signature is over its very bytes.
 * @throws ModelError with code `bad_webhook` where it was not, or there is no secret to tell by.
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { text } from 'node:stream/consumers'
 * import { unwrapWebhook } from '@reprise/openai'
 *
 * const server = createServer(async (request, response) => {
 *   try {
 *     const event = await unwrapWebhook(await text(request), request.headers)
 *     if (event.type === 'response.completed') console.log(event.data.id)
 *     response.writeHead(204).end()
 *   } catch {
 *     response.writeHead(400).end()
 *   }
 * })
 * ```
 */
export async function unwrapWebhook(
  body: string,
  headers: Headers | Readonly<Record<string, string | string[] | undefined>>,
  { secret = process.env['OPENAI_WEBHOOK_SECRET'] }: WebhookOptions = {},
): Promise<UnwrapWebhookEvent> {
  const { OpenAI } = await import('openai')
  // No request is made: the key stands for nothing.
  const client = new OpenAI({ apiKey: 'none', logLevel: 'off' })
  try {
    if (!secret) throw new Error('no secret was given and OPENAI_WEBHOOK_SECRET is not set')
    return await client.webhooks.unwrap(body, headers, secret)
  } catch (cause) {
    const message = `The webhook is not taken: ${messageOf(cause)}. Expected one that OpenAI signed with the endpoint's secret. Check the secret, and pass the body as it came.`
    throw new ModelError({ code: 'bad_webhook', message, cause })
  }
}
