// The programs of the README run as they stand there, one in the other, and do what it says. That each of them compiles and
// runs by itself is asked of all examples (examples.test.ts).
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fakeOpenAI } from '@reprise/fake-openai'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

async function blocks(): Promise<string[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  return [...readme.matchAll(/```ts.*?\n(.*?)```/gs)].map(([, code = '']) => code)
}

async function run(program: string, baseURL: string): Promise<{ code: number | null; out: string; err: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'readme-'))
  // As if the packages were installed there.
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'program.mts'), program)
  const REPRISE_KEY = Buffer.alloc(32, 'key').toString('base64')
  const env = { ...process.env, OPENAI_BASE_URL: baseURL, OPENAI_API_KEY: 'test', REPRISE_KEY }
  const child = spawn(process.execPath, ['program.mts'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ])
  return { code, out, err }
}

test('the programs of the README do what they say, with any compatible server', async () => {
  const answer = { text: JSON.stringify({ resolution: 'solved', reply: 'You get $30 back.' }) }
  await using server = await fakeOpenAI(({ body }) => {
    const said = JSON.stringify(body.input)
    if (said.includes('receipt')) return answer
    return { calls: [{ name: 'refund_order', arguments: { orderId: '4711', amountUsd: 30 } }] }
  })
  const [program = '', workflow = '', confidence = ''] = await blocks()
  expect(program.match(/^.+$/gm)?.length).toBeLessThanOrEqual(23)
  expect(await run(program, server.url)).toEqual({
    code: 0,
    out: "{ resolution: 'solved', reply: 'You get $30 back.' }\n",
    err: '',
  })
  expect(server.requests).toHaveLength(2)
  // The workflow stands on the agent of the first program, and the confidential store holds its run.
  const [store = '', login = '', erase = ''] = confidence.match(/^.+$/gm) ?? []
  const all = program
    .replace('const runtime =', `${workflow}\n${store}\n${login}\nconst runtime =`)
    .replace(
      "store: sqlite('desk.db'), models: openai(), definitions: [support]",
      'store, models: openai(), definitions: [support, nightly]',
    )
    .replace(
      'await runtime.close()',
      `const night = await runtime.start(nightly, { tickets: ['a', 'b'] }, { id: 'night' })
console.log(await night.result())
${erase}
await runtime.runs.entries(run.id).catch(({ message }) => console.log(message))
$&`,
    )
  const { code, out, err } = await run(all, server.url)
  expect(out.replace(/ on \d{4}-\d\d-\d\d:/, ' on a day:').split('\n')).toEqual([
    "{ resolution: 'solved', reply: 'You get $30 back.' }",
    '0 escalated (night/step:report)',
    '0',
    'The run "ticket-4711" was erased by ana on a day: what it held cannot be read again.',
    '',
  ])
  expect([code, err]).toEqual([0, ''])
})
