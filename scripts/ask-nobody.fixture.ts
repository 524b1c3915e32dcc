import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openai } from '@reprise/openai'

const card = { agent: 'a', version: 1, model: 'm', settings: {}, maxOutputTokens: 64, tools: [], output: null }

/** Asks a model of a server that cannot answer. */
export async function ask(words: string, api: 'responses' | 'chat'): Promise<void> {
  const server = createServer((_request, response) => response.writeHead(500).end())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const request = { runId: 'r', card, instructions: '', items: [{ kind: 'user', text: words }] } as const
  const asked = openai({ apiKey: 'sk', baseURL, api }).ask(request, new AbortController().signal)
  await Array.fromAsync(asked).catch(() => undefined)
  server.close()
}
