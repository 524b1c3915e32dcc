import { createHash } from 'node:crypto'
import { DefinitionError, messageOf, StoreError } from '@reprise/core'
import { AwsClient } from 'aws4fetch'
import { checkBlobName, isBlobName } from './blob-name.ts'
import type { BlobStore, ListedBlob } from './blob-store.ts'
import { readPage } from './s3-page.ts'

/** Who asks. */
export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of credentials that are lent for a while. */
  readonly sessionToken?: string
}

/** Where a bucket is, and who asks. */
export interface S3Options {
  readonly bucket: string
  /** What the names of all blobs begin with: give each store another one, which ends in `/`. @default '' */
  readonly prefix?: string
  /** @default 'us-east-1' */
  readonly region?: string
  /** The address of the service, without the bucket: `https://minio.example:9000`. @default that of AWS in the region */
  readonly endpoint?: string
  /** A function is asked before each request: it may keep what it gives for as long as that is valid. */
  readonly credentials: S3Credentials | (() => Promise<S3Credentials>)
  /** For how long an answer is waited for, in milliseconds. @default 30_000 */
  readonly timeoutMs?: number
}

/** How often a service that is busy or has failed (429, 5xx) is asked again. */
const RETRIES = 3

/**
 * Keeps blobs in a bucket of S3, or of what speaks its language: `put`, `get` and `delete` of an object, and lists in the second
 * version. The bucket is addressed by path, and encrypts, keeps versions and answers for durability as it was set up to: where
 * it keeps versions, what was deleted stays until they go.
 *
 * @throws DefinitionError with code `bad_argument`.
 * @example
 * ```ts
 * import { s3 } from '@reprise/postgres'
 *
 * const blobs = s3({
 *   bucket: 'support-journal',
 *   prefix: 'blobs/',
 *   region: 'eu-central-1',
 *   credentials: { accessKeyId: 'AKIA…', secretAccessKey: process.env.S3_SECRET ?? 'none' },
 * })
 * ```
 */
export function s3(options: S3Options): BlobStore {
  return new S3Blobs(options)
}

class S3Blobs implements BlobStore {
  readonly #url: string
  readonly #prefix: string
  readonly #region: string
  readonly #timeoutMs: number
  readonly #credentials: () => Promise<S3Credentials>
  /** Of derived keys, so that each is derived once a day. */
  readonly #cache = new Map<string, ArrayBuffer>()

  constructor(options: S3Options) {
    const { bucket, prefix = '', region = 'us-east-1', credentials, timeoutMs = 30_000 } = options
    const { endpoint = `https://s3.${region}.amazonaws.com` } = options
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) throw bad('bucket', bucket, 'the name of a bucket')
    if (!/^[\w!.*'()/-]*$/.test(prefix)) throw bad('prefix', prefix, "letters, digits and !-_.*'()/ alone")
    if (!URL.canParse(endpoint)) throw bad('endpoint', endpoint, 'an address: "https://host:port"')
    if (!(timeoutMs > 0) || !Number.isFinite(timeoutMs)) throw bad('timeoutMs', timeoutMs, 'milliseconds, more than 0')
    if (typeof credentials !== 'function') checkCredentials(credentials)
    this.#url = `${endpoint.replace(/\/+$/, '')}/${bucket}`
    this.#prefix = prefix
    this.#region = region
    this.#timeoutMs = timeoutMs
    this.#credentials = typeof credentials === 'function' ? credentials : async () => credentials
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const body = Uint8Array.from(bytes)
    // The service holds what comes against it.
    const headers = { 'x-amz-content-sha256': createHash('sha256').update(body).digest('hex') }
    const { status } = await this.#ask(this.#pathOf(name), { method: 'PUT', body, headers })
    if (status >= 300) throw this.#odd('PUT', name, status)
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const { status, bytes } = await this.#ask(this.#pathOf(name), { method: 'GET' })
    if (status === 404) return undefined
    if (status !== 200) throw this.#odd('GET', name, status)
    return bytes
  }

  async delete(names: readonly string[]): Promise<void> {
    const paths = names.map((name) => [name, this.#pathOf(name)] as const)
    for (const [name, path] of paths) {
      const { status } = await this.#ask(path, { method: 'DELETE' })
      if (status >= 300 && status !== 404) throw this.#odd('DELETE', name, status)
    }
  }

  async *list(): AsyncGenerator<ListedBlob, void, undefined> {
    let token: string | undefined
    do {
      const more = token === undefined ? {} : { 'continuation-token': token }
      const query = new URLSearchParams({ 'list-type': '2', prefix: this.#prefix, ...more })
      const { status, bytes } = await this.#ask(`?${query.toString()}`, { method: 'GET' })
      if (status !== 200) throw this.#odd('LIST', this.#prefix, status)
      const page = readPage(Buffer.from(bytes).toString())
      for (const { key, at } of page.objects) {
        const name = key.slice(this.#prefix.length)
        if (isBlobName(name)) yield { name, at }
      }
      token = page.next
    } while (token !== undefined)
  }

  #pathOf(name: string): string {
    checkBlobName(name)
    return `/${this.#prefix}${name}`
  }

  async #ask(path: string, init: RequestInit): Promise<{ readonly status: number; readonly bytes: Uint8Array }> {
    const { accessKeyId, secretAccessKey, sessionToken } = await this.#credentials()
    const client = new AwsClient({
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      service: 's3',
      region: this.#region,
      cache: this.#cache,
      retries: RETRIES,
    })
    try {
      const answer = await client.fetch(`${this.#url}${path}`, {
        ...init,
        signal: AbortSignal.timeout(this.#timeoutMs),
      })
      return { status: answer.status, bytes: new Uint8Array(await answer.arrayBuffer()) }
    } catch (thrown) {
      throw this.#error(
        'blobs_failed',
        `cannot be reached: ${messageOf(thrown)}`,
        'Look at the service, and at the network on the way to it.',
        true,
        thrown,
      )
    }
  }

  #odd(what: string, name: string, status: number): StoreError {
    if (status === 401 || status === 403)
      return this.#error(
        'blobs_refused',
        `refused ${what} ${name} (${status})`,
        'Look at the credentials, and at what they may do there.',
        false,
      )
    const mayMend = status >= 500 || status === 429 || status === 408
    const remedy = status === 404 ? 'Make the bucket, or name another.' : 'Look at the service.'
    return this.#error('blobs_failed', `answered ${what} ${name} with ${status}`, remedy, mayMend)
  }

  #error(code: string, what: string, remedy: string, retryable: boolean, cause?: unknown): StoreError {
    const message = `The bucket of blobs at ${this.#url} ${what}. ${remedy}`
    return new StoreError({ code, message, details: { url: this.#url }, retryable, cause })
  }
}

function checkCredentials(given: unknown): void {
  const isText = (name: string): boolean =>
    typeof given === 'object' && given !== null && typeof Reflect.get(given, name) === 'string'
  if (isText('accessKeyId') && isText('secretAccessKey')) return
  throw new DefinitionError({
    code: 'bad_argument',
    message: 's3 was given no credentials. Give { accessKeyId, secretAccessKey }, or a function that gives them.',
  })
}

function bad(what: string, given: unknown, expected: string): DefinitionError {
  return new DefinitionError({
    code: 'bad_argument',
    message: `s3 was given ${what} ${JSON.stringify(given)}. Give ${expected}.`,
  })
}
