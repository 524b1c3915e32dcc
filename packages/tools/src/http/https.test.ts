import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { call, told } from '../call.fixture.ts'
import { certificate } from './certificate.fixture.ts'
import { httpGet } from './http-get.ts'
import { serve } from './server.fixture.ts'

let server: Server
let port: number
let plain: string

beforeEach(async () => {
  const { url } = await serve('plain')
  plain = url
  server = createServer(certificate, (request, response) => {
    if (request.url === '/down') response.writeHead(302, { location: plain }).end()
    else response.setHeader('content-type', 'text/plain').end('secret')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  port = (server.address() as AddressInfo).port
})

afterEach(() => server.close())

function toolFor(host: string) {
  return httpGet({
    hosts: [`${host}:${port}`, new URL(plain).host],
    privateAddresses: ['127.0.0.1'],
    resolve: async () => ['127.0.0.1'],
  })
}

test('a certificate that nobody vouches for is refused, once', async () => {
  expect(await call(toolFor('shop.example'), { url: `https://shop.example:${port}/` })).toEqual({
    told: `GET https://shop.example:${port}/ got no answer (DEPTH_ZERO_SELF_SIGNED_CERT). Go on without it, or use another URL.`,
    attempts: [{ code: 'connection_failed' }],
  })
})

// Node.js 22.18 cannot be told whom to trust.
const cannotTrust = !('setDefaultCACertificates' in tls)

test.skipIf(cannotTrust)('a certificate is held against the name, not against the address', async () => {
  tls.setDefaultCACertificates([certificate.cert])
  expect(await told(toolFor('shop.example'), { url: `https://shop.example:${port}/` })).toContain('\nsecret\n')
  expect(await call(toolFor('other.example'), { url: `https://other.example:${port}/` })).toEqual({
    told: `GET https://other.example:${port}/ got no answer (ERR_TLS_CERT_ALTNAME_INVALID). Go on without it, or use another URL.`,
    attempts: [{ code: 'connection_failed' }],
  })
})

test.skipIf(cannotTrust)('a redirect from https to http is not followed', async () => {
  tls.setDefaultCACertificates([certificate.cert])
  expect(await call(toolFor('shop.example'), { url: `https://shop.example:${port}/down` })).toEqual({
    told: `https://shop.example:${port}/down redirects from https to ${plain}/. Use another URL.`,
    attempts: [{ code: 'redirect_refused' }],
  })
})
