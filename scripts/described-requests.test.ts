import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { openapiIsThere } from './openapi.fixture.ts'
import { ask } from './ask-nobody.fixture.ts'
import { complaintsOf, readRequests } from './described-requests.ts'

const program = `import { ask } from '${import.meta.resolve('./ask-nobody.fixture.ts')}'
await ask('kept there', 'responses')`

describe.skipIf(!openapiIsThere)('a request (skipped where ../shared/data is not there)', () => {
  const kept = (words: string) =>
    readRequests(process.env['REPRISE_REQUESTS'] ?? '').filter(([, body]) => body.includes(words))

  test('is kept to be looked at, whichever process of a test run sends it and whichever API it goes by', async () => {
    await ask('kept here', 'responses')
    await ask('kept here', 'chat')
    expect(kept('kept here').map(([url]) => url)).toEqual(['/v1/responses', '/v1/chat/completions'])
    spawnSync(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'inherit' })
    expect(kept('kept there').map(([url]) => url)).toEqual(['/v1/responses'])
  })

  test('that is not as the platform describes it is complained of with its place', () => {
    const body = JSON.stringify({ model: 'gpt-4.1-mini', input: 'Hi', max_output_tokens: 'many' })
    const [complaint] = complaintsOf(['/v1/responses', body])
    expect(complaint).toContain(`POST /v1/responses ${body}\n`)
    expect(complaint).toContain('"/max_output_tokens"')
    expect(complaintsOf(['/v1/embeddings', body])).toEqual([
      `POST /v1/embeddings ${body}\nNobody describes this address.`,
    ])
  })
})
