// A server that speaks as much of S3's language as blobs need, on this machine alone. It holds each request against its
// signature, which it computes by itself from the specification:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** Of how many objects a page has at most. */
const PAGE = 3

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest()

/** A bucket that is in memory. */
export class S3Server {
  readonly objects = new Map<string, { readonly bytes: Buffer; readonly at: Date }>()
  /** What is answered to the next requests instead, whatever they ask. */
  readonly failures: number[] = []
  readonly #server: Server
  readonly #secrets: Readonly<Record<string, string>>
  readonly #bucket: string

  private constructor(bucket: string, secrets: Readonly<Record<string, string>>) {
    this.#bucket = bucket
    this.#secrets = secrets
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  static async start(bucket: string, secrets: Readonly<Record<string, string>>): Promise<S3Server> {
    const server = new S3Server(bucket, secrets)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo // of a server that listens on a port
    return `http://127.0.0.1:${port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request)
    const failure = this.failures.shift()
    if (failure !== undefined) return void response.writeHead(failure).end()
    if (!this.#isSigned(request, body)) return void response.writeHead(403).end()
    const { pathname, searchParams } = new URL(request.url ?? '', this.url)
    const [, bucket, ...rest] = decodeURIComponent(pathname).split('/')
    if (bucket !== this.#bucket) return void response.writeHead(404).end('<Code>NoSuchBucket</Code>')
    const key = rest.join('/')
    if (request.method === 'PUT') {
      this.objects.set(key, { bytes: body, at: new Date() })
      return void response.writeHead(200).end()
    }
    if (request.method === 'DELETE') {
      this.objects.delete(key)
      return void response.writeHead(204).end()
    }
    if (searchParams.get('list-type') === '2') return void response.writeHead(200).end(this.#page(searchParams))
    const found = this.objects.get(key)
    return void (found ? response.writeHead(200).end(found.bytes) : response.writeHead(404).end())
  }

  #page(query: URLSearchParams): string {
    const [prefix, after] = [query.get('prefix') ?? '', query.get('continuation-token')?.slice('after <'.length) ?? '']
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted()
    const contents = keys.slice(0, PAGE).map((key) => {
      const at = this.objects.get(key)?.at.toISOString() ?? ''
      return `<Contents><Key>${key}</Key><LastModified>${at}</LastModified><Size>1</Size></Contents>`
    })
    const more = keys.length > PAGE
    const next = more ? `<NextContinuationToken>after &lt;${keys[PAGE - 1] ?? ''}</NextContinuationToken>` : ''
    return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult><IsTruncated>${more}</IsTruncated>${contents.join('')}${next}</ListBucketResult>`
  }

  #isSigned({ method = '', url = '', headers }: IncomingMessage, body: Buffer): boolean {
    const authorization = headers.authorization ?? ''
    const [, id = '', day = '', region = '', names = '', signature = ''] =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d+)\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=(.+)$/.exec(
        authorization,
      ) ?? []
    const secret = this.#secrets[id]
    const payload = String(headers['x-amz-content-sha256'])
    if (secret === undefined || (payload !== 'UNSIGNED-PAYLOAD' && payload !== sha256(body))) return false
    if (method === 'PUT' && payload === 'UNSIGNED-PAYLOAD') return false
    const { pathname, searchParams } = new URL(url, this.url)
    const query = [...searchParams]
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .toSorted()
      .join('&')
    const signed = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`)
    const canonical = [method, pathname, query, signed.join(''), names, payload].join('\n')
    const scope = `${day}/${region}/s3/aws4_request`
    const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n')
    const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(
      (derived, part) => hmac(derived, part),
      `AWS4${secret}`,
    )
    return hmac(key, toSign).toString('hex') === signature
  }
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
