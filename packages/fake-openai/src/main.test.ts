import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

/** Starts the program; the caller waits for what it says. */
function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function post(url: string, body: object): Promise<unknown> {
  const headers = { authorization: 'Bearer sk-test', 'content-type': 'application/json' }
  return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).json()
}

test.skipIf(process.platform === 'win32')(
  'the program serves a script, prints its URL, and ends by SIGINT',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reprise-fake-'))
    const script = join(folder, 'replies.json')
    writeFileSync(script, '[{ "reply": { "text": "Hello", "delayMs": 3600000 } }]')
    const program = start('--script', script, '--seed', '7', '--faults', '2=server_is_overloaded')
    try {
      const [printed] = (await once(program.stdout!, 'data')) as [Buffer]
      const url = printed.toString().trim()
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/)
      const reply = post(`${url}/responses`, { model: 'gpt-4.1-mini', input: 'Hi' })
      // The reply waits for an hour, which is moved on until it is there.
      let done = false
      void reply.finally(() => (done = true))
      while (!done) await post(url.replace('v1', 'fake/advance'), { ms: 3_600_000 })
      expect(await reply).toMatchObject({ output: [{ content: [{ text: 'Hello' }] }] })
      expect(await (await fetch(url.replace('v1', 'fake/invoice'))).json()).toMatchObject({
        costNano: 8 * 400 + 2 * 1_600,
      })
      expect(await post(`${url}/responses`, { model: 'gpt-4.1-mini', input: 'Hi' })).toMatchObject({
        error: { code: 'server_is_overloaded' },
      })
      program.kill('SIGINT')
      expect(await once(program, 'exit')).toEqual([0, null])
    } finally {
      program.kill('SIGKILL')
      rmSync(folder, { recursive: true })
    }
  },
)

test('the program refuses what makes no sense in one line', { tags: 'slow' }, async () => {
  const program = start('--port', 'http')
  const [said, [code]] = await Promise.all([text(program.stderr!), once(program, 'exit')])
  expect([said, code]).toEqual(['--port is "http". It must be a whole number from 0 to 65535.\n', 1])
})
