// A server in a process of its own is sent requests that are all different, and says what its heap holds now and then.
// usage: node --expose-gc memory.fixture.ts COUNT,COUNT
import { Agent, request } from 'node:http'
import { fakeOpenAI } from '../fake-openai.ts'

const limits = { 'gpt-4.1-mini': { requestsPerMinute: 1e9, tokensPerMinute: 1e12 } }
await using fake = await fakeOpenAI(() => ({ text: 'It was sent on Tuesday and will be there on Friday.' }), { limits })
const agent = new Agent({ keepAlive: true, maxSockets: 4 })
let sent = 0
for (const count of process.argv[2]?.split(',') ?? []) {
  await Promise.all(Array.from({ length: 4 }, () => sendUpTo(Number(count))))
  globalThis.gc?.()
  console.log(process.memoryUsage().heapUsed)
}
agent.destroy()

async function sendUpTo(count: number): Promise<void> {
  while (sent < count) await send((sent += 1))
}

/** Four kilobytes, to one of the two APIs. */
function send(nth: number): Promise<void> {
  const [path, words] = nth % 2 === 0 ? ['/responses', 'input'] : ['/chat/completions', 'messages']
  const content = `Where is order ${nth}? `.repeat(180)
  const body = JSON.stringify({ model: 'gpt-4.1-mini', [words]: [{ role: 'user', content }] })
  const headers = { authorization: 'Bearer sk-test', 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const to = request(`${fake.url}${path}`, { method: 'POST', agent, headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`The answer is ${answer.statusCode}.`))
      answer.resume().once('end', resolve)
    })
    to.once('error', reject)
    to.end(body)
  })
}
