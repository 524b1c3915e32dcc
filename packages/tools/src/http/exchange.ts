import { STATUS_CODES } from 'node:http'
import { ToolError } from '@reprise/core'
import { cut } from '../text/cut.ts'
import { readBody } from './body.ts'
import { connectionFailure } from './failure.ts'
import { follow } from './follow.ts'
import type { HttpSetup } from './options.ts'
import type { Ask } from './send.ts'
import { toText } from './to-text.ts'

/** Statuses of a server that may answer otherwise in a few seconds. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504])

/** What a server said, as text. */
export interface Exchange {
  readonly url: string
  /** `200 OK` */
  readonly status: string
  readonly text: string
  /** True where the body went on. */
  readonly cut: boolean
}

/**
 * Asks a server and reads its answer as text.
 *
 * @throws ToolError when it may not be asked, cannot be reached, or answers what no model can read. It is retryable
 * where the connection failed or the status may pass.
 */
export async function exchange(url: string, ask: Ask, setup: HttpSetup, signal: AbortSignal): Promise<Exchange> {
  try {
    return await perform(url, ask, setup, signal)
  } catch (error) {
    throw connectionFailure(ask.method, url, error)
  }
}

async function perform(text: string, ask: Ask, setup: HttpSetup, signal: AbortSignal): Promise<Exchange> {
  const { url, response } = await follow(text, ask, setup.headers, setup.policy, signal)
  try {
    const body = await readBody(response, setup.maxBytes)
    const code = response.statusCode ?? 0
    const answered = { url: url.href, status: `${code} ${STATUS_CODES[code] ?? ''}`.trim(), cut: body.cut }
    if (PASSING.has(code)) throw notNow(ask.method, answered, body.bytes.toString('utf8'))
    return { ...answered, text: body.bytes.length === 0 ? '' : await toText(response, body, url) }
  } finally {
    response.destroy()
  }
}

function notNow(method: string, { url, status }: Omit<Exchange, 'text'>, text: string): ToolError {
  // Quoted, as a server's words are none of the tool's.
  const said = text.trim() === '' ? '' : `: ${JSON.stringify(cut(text.trim(), 500).toWellFormed())}`
  return new ToolError({
    code: 'server_failed',
    message: `${method} ${url} answered ${status}${said}`,
    details: { url, status },
    retryable: true,
  })
}
