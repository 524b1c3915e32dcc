import { validateHeaderName, validateHeaderValue } from 'node:http'
import { DefinitionError, messageOf } from '@reprise/core'
import { limit } from '../options/limit.ts'
import { rangesOf } from './addresses.ts'
import { readHosts } from './hosts.ts'
import { type Policy, type Resolve, systemResolve } from './policy.ts'

const MAX_BYTES = 2_000_000
const TIMEOUT_MS = 20_000

/** How a tool asks over HTTP. */
export interface HttpOptions<Name extends string> {
  /**
   * The hosts that may be asked, for redirects too: `api.example.com`, `*.example.com` for all names below,
   * `localhost:8080` where the port is not the scheme's own. An address is listed by itself: `10.1.2.3`. With
   * `http://` before it, a host is asked over http alone, and `headers` are sent there too.
   */
  readonly hosts: readonly string[]
  /**
   * Addresses off the public internet that these names may stand for: `10.1.2.3`, `10.0.0.0/8`, `fd00::/8`.
   *
   * @default none: private, loopback, link-local and metadata addresses are refused
   */
  readonly privateAddresses?: readonly string[]
  /** Sent with each request over https, to the first URL's origin alone. The model does not see them. */
  readonly headers?: Readonly<Record<string, string>>
  /** How long one attempt may take, its redirects and its body included. @default 20,000 */
  readonly timeoutMs?: number
  /** How much of a body is read, unpacked. What is over is left out, and said. @default 2,000,000 */
  readonly maxBytes?: number
  /** Gives the addresses of a name. @default as the system does */
  readonly resolve?: Resolve
  /** What the model calls the tool, where an agent has two of them. @default the name that the function's type shows */
  readonly name?: Name
}

/** Options with nothing left open. */
export interface HttpSetup {
  readonly policy: Policy
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly maxBytes: number
}

/** Reads options. @throws DefinitionError for a host, an address, a header or a number that cannot be right. */
export function setUp(tool: string, options: HttpOptions<string>): HttpSetup {
  const { hosts, privateAddresses = [], headers = {}, resolve = systemResolve } = options
  for (const [name, value] of Object.entries(headers)) checkHeader(tool, name, value)
  return {
    policy: { hosts: readHosts(tool, hosts), privateAddresses: rangesOf(privateAddresses), resolve },
    headers,
    timeoutMs: limit(tool, 'timeoutMs', options.timeoutMs, TIMEOUT_MS),
    maxBytes: limit(tool, 'maxBytes', options.maxBytes, MAX_BYTES),
  }
}

function checkHeader(tool: string, name: string, value: string): void {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch (cause) {
    // The value may be a secret, so it is not shown.
    throw new DefinitionError({
      code: 'bad_header',
      message: `Tool "${tool}" has a header ${JSON.stringify(name)} that HTTP cannot carry: ${messageOf(cause)}. Look for line ends in it.`,
      details: { tool, header: name },
    })
  }
}
