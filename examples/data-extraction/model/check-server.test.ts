import { fakeOpenAI } from '@reprise/fake-openai'
import { expect, it } from 'vitest'
import { Complaint } from '../complaint.ts'
import { checkServer } from './check-server.ts'

it('a server that takes the key is taken, and one that refuses it or is down is not', async () => {
  const server = await fakeOpenAI(() => ({ text: 'never asked' }), { apiKey: 'the-right-key' })
  try {
    await checkServer(server.url, 'the-right-key')
    await expect(checkServer(server.url, 'a-wrong-key')).rejects.toThrow(
      new Complaint(`The server at ${server.url} refuses the key (401). Check OPENAI_API_KEY.`),
    )
  } finally {
    await server[Symbol.asyncDispose]()
  }
  await expect(checkServer(server.url, undefined)).rejects.toThrow(
    /^The server at http:\S+ cannot be reached \(\w+\)\. Start it, or check OPENAI_BASE_URL and the network\.$/,
  )
})

it('an address that is none is said', async () => {
  await expect(checkServer('localhost', undefined)).rejects.toThrow(
    new Complaint('OPENAI_BASE_URL is "localhost", which is no URL. Give one such as http://127.0.0.1:8080/v1.'),
  )
})
