import { DefinitionError, ToolError } from '@reprise/core'

/** Servers take no longer ones, mostly. */
const MAX_URL_CHARS = 8_192

/** A host that may be asked. */
interface Host {
  /** As a URL writes it: in lower case, IPv6 in brackets. With a leading dot, all names that end so. */
  readonly name: string
  /** Undefined is the scheme's own. */
  readonly port: string | undefined
  /** Whether it is listed for `http` alone, by `http://`. */
  readonly plain: boolean
}

/** The hosts that a tool may ask. */
export interface Hosts {
  /** How they were written. */
  readonly entries: readonly string[]
  readonly hosts: readonly Host[]
}

/**
 * Reads a list of hosts: `api.example.com`, `localhost:8080`, `*.example.com`, `http://localhost:8080`.
 *
 * @throws DefinitionError when it is empty, or an entry is no host.
 */
export function readHosts(tool: string, entries: readonly string[]): Hosts {
  if (entries.length === 0) throw badHost(tool, 'no host')
  return { entries, hosts: entries.map((entry) => readHost(tool, entry)) }
}

function readHost(tool: string, entry: string): Host {
  const [, scheme, star, name = '', port] = /^(http:\/\/)?(\*\.)?(\[[^\]]+\]|[^:/?#@\\]+)(?::(\d+))?$/.exec(entry) ?? []
  const url = URL.parse(`http://${name}/`)
  if (!url || name.includes('*') || Number(port ?? 0) > 65_535) throw badHost(tool, JSON.stringify(entry))
  return { name: star === undefined ? url.hostname : `.${url.hostname}`, port, plain: scheme !== undefined }
}

/**
 * Takes a URL if its host is listed.
 *
 * @param text from a model, or from a redirect.
 * @throws ToolError when it is no URL of http or https, carries a user, or its host or port is not listed.
 */
export function allowedUrl(text: string, { entries, hosts }: Hosts, base?: URL): URL {
  const url = URL.parse(text, base?.href)
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw refuseUrl(text, 'is no URL of http or https', entries)
  if (url.username !== '' || url.password !== '') throw refuseUrl(text, 'carries a user or a password', entries)
  if (!hosts.some((host) => matches(host, url))) throw refuseUrl(text, `has the host ${url.host}`, entries)
  if (url.href.length > MAX_URL_CHARS) throw refuseUrl(text, `is longer than ${MAX_URL_CHARS} characters`, entries)
  url.hash = ''
  return url
}

/** Whether a request to it may carry what is secret: over http only where its host is listed so. */
export function mayCarryHeaders(url: URL, { hosts }: Hosts): boolean {
  return url.protocol === 'https:' || hosts.some((host) => host.plain && matches(host, url))
}

function matches({ name, port, plain }: Host, url: URL): boolean {
  if (plain && url.protocol !== 'http:') return false
  const standard = url.protocol === 'https:' ? '443' : '80'
  if ((url.port || standard) !== (port ?? standard)) return false
  return name.startsWith('.') ? url.hostname.endsWith(name) : url.hostname === name
}

function refuseUrl(text: string, why: string, entries: readonly string[]): ToolError {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text
  return new ToolError({
    code: 'url_refused',
    message: `The URL ${JSON.stringify(shown)} ${why}, and this tool asks only http and https on: ${entries.join(', ')}. Use a URL of these.`,
    details: { url: shown },
  })
}

function badHost(tool: string, found: string): DefinitionError {
  return new DefinitionError({
    code: 'bad_host',
    message: `Tool "${tool}" has ${found} in its hosts. List hosts, with a port where it is not the scheme's own: "api.example.com", "*.example.com", "localhost:8080", "[::1]:8080". With "http://" before it, a host is asked over http alone.`,
    details: { tool },
  })
}
