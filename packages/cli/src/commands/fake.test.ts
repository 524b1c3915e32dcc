import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { begin, reprise, tempFolder } from '../reprise.fixture.ts'

async function post(url: string): Promise<unknown> {
  const headers = { authorization: 'Bearer any', 'content-type': 'application/json' }
  const body = JSON.stringify({ model: 'gpt-4.1-mini', input: 'Hi' })
  return (await fetch(`${url}/responses`, { method: 'POST', headers, body })).json()
}

test('reprise fake serves a script with its faults at the address that it prints, until ^C', async () => {
  const cwd = tempFolder()
  writeFileSync(join(cwd, 'replies.json'), '[{ "reply": { "text": "Hello" } }]')
  const { io, ended } = begin(['fake', '--script', 'replies.json', '--faults', '2=server_error'], { cwd })
  const [printed] = (await once(io.stdout, 'data')) as [Buffer]
  const url = printed.toString().trim()
  expect(await post(url)).toMatchObject({ output: [{ content: [{ text: 'Hello' }] }] })
  expect(await post(url)).toMatchObject({ error: { code: 'server_error' } })
  io.emit('SIGINT')
  expect(await ended).toMatchObject({ code: 0, stderr: '' })
  await expect(post(url)).rejects.toThrow('fetch failed')
})

test.for<[args: string[], code: number, complaint: string]>([
  [['--faults', '2=crash'], 2, 'reprise: There is no fault "crash". There are: request_timeout, '],
  [
    ['--port', '70000'],
    2,
    "reprise: option '--port <port>' argument '70000' is invalid. It must be a whole number, 0 to 65535. See: reprise fake --help\n",
  ],
  [['--script', 'nowhere.json'], 1, 'reprise: Cannot read '],
])('reprise fake refuses %j in one line', async ([args, code, complaint]) => {
  const ended = await reprise(['fake', ...args], { cwd: tempFolder() })
  expect([ended.code, ended.stdout]).toEqual([code, ''])
  expect(ended.stderr.slice(0, complaint.length)).toBe(complaint)
  expect(ended.stderr.trimEnd()).not.toContain('\n')
})
