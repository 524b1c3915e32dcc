// Keeps each request for a model that reaches a server of this process, for described-requests.ts to look at.
// Plain CommonJS, since every process of a test run loads it first: a module would cost each ten milliseconds.
const { subscribe } = require('node:diagnostics_channel')
const { appendFileSync } = require('node:fs')

/**
 * Our client alone tells the SDK to wait this long: by that its requests are known from those that tests of the fake
 * server make on purpose, wrong ones among them.
 */
const OURS = String(Math.trunc((2 ** 31 - 1) / 1000))

const file = process.env.REPRISE_REQUESTS

subscribe('http.server.request.start', ({ request }) => {
  const { method, url, headers } = request
  if (file !== undefined && method === 'POST' && headers['x-stainless-timeout'] === OURS) keepBody(url, request)
})

/** Keeps the bytes as they come in, and leaves them to whoever reads the request. */
function keepBody(url, request) {
  const chunks = []
  const { push } = request
  request.push = (chunk, ...rest) => {
    if (chunk === null) appendFileSync(file, `${JSON.stringify([url, Buffer.concat(chunks).toString()])}\n`)
    else chunks.push(chunk)
    return push.call(request, chunk, ...rest)
  }
}
