import type { Model } from '@reprise/core'
import type { OpenAI } from 'openai'
import { openai } from './openai.ts'

declare const client: OpenAI

openai() satisfies Model
openai({ apiKey: process.env['KEY'], baseURL: process.env['URL'] })
openai({ apiKey: async () => 'sk-test', stream: false })
openai({ client, prices: { 'my-model': { inputUsd: 1, cachedUsd: 1, outputUsd: 1 } } })
openai({ api: 'chat', deployments: { 'gpt-4.1-mini': 'mine' }, timeouts: { firstTokenMs: 30_000 } })
openai({ background: true, mcpAuthorization: { wiki: async () => 'token' } })
// @ts-expect-error A client stands instead of a key.
openai({ client, apiKey: 'sk-test' })
// @ts-expect-error A client stands instead of a URL.
openai({ client, baseURL: 'http://127.0.0.1/v1' })
// @ts-expect-error A client knows its own version.
openai({ client, apiVersion: 'preview' })
// @ts-expect-error Chat Completions has no background.
openai({ api: 'chat', background: true })
// @ts-expect-error Chat Completions has no hosted tools.
openai({ api: 'chat', mcpAuthorization: { wiki: 'token' } })
// @ts-expect-error There are two APIs.
openai({ api: 'assistants' })
// @ts-expect-error No option that is not enforced.
openai({ retries: 3 })
// @ts-expect-error A price that is half known is not known.
openai({ prices: { 'my-model': { inputUsd: 1, outputUsd: 1 } } })
