import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type FakeOpenAI, fakeOpenAI } from '@reprise/fake-openai'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { demoHere } from '../demo-here.fixture.ts'
import { demo } from './demo.ts'
import { runDemo } from './run-demo.ts'
import { contents, tempFolder } from './temp-folder.fixture.ts'

const worked = tempFolder()
let workedFiles: Record<string, string>
let server: FakeOpenAI

beforeAll(async () => {
  server = await fakeOpenAI(() => ({ text: 'never asked' }), { apiKey: 'the-right-key' })
  const tickets = ticketsFile([{ id: 't-1', from: 'ada@example.com', text: 'Hello?' }])
  await demoHere(demo, ['--data', worked, '--tickets', tickets])
  workedFiles = contents(worked)
})

afterAll(() => server[Symbol.asyncDispose]())

it('an unknown run is refused with the runs that there are', async () => {
  const message =
    'There is no run "t-2" in this store. Its first runs are: t-1. Check the id, and that this is the right store.'
  expect(await refused(worked, ['--show', 't-2'])).toBe(message)
  expect(await refused(worked, ['--replay', 't-2'])).toBe(message)
})

it('a folder without runs has nothing to show', async () => {
  const empty = tempFolder()
  expect(await refused(empty, ['--show', 't-1'])).toBe(
    `There are no runs at ${empty} yet. Work the tickets first: npm run demo`,
  )
})

it('a file that is no database is no store', async () => {
  const data = tempFolder()
  writeFileSync(join(data, 'desk.db'), 'dear diary')
  expect(await refused(data, [])).toBe(
    `The store at ${join(data, 'desk.db')} is not a SQLite database, and was left as it is. Give the path of a store, or of a file that does not exist yet.`,
  )
})

it('a database of a newer program is left alone', async () => {
  const data = tempFolder()
  for (const [name, bytes] of Object.entries(workedFiles)) writeFileSync(join(data, name), Buffer.from(bytes, 'base64'))
  const db = new Database(join(data, 'desk.db'))
  db.pragma('user_version = 99')
  db.close()
  expect(await refused(data, [])).toMatch(
    /^The store at \S+desk\.db has schema 99, but this program knows up to \d+: it was left as it is\. Upgrade @reprise\/store to the version that wrote it, or choose another path\.$/,
  )
})

it("another program's database is no shop", async () => {
  const data = tempFolder()
  const shop = join(data, 'shop.db')
  const db = new Database(shop)
  db.exec('create table notes (text)')
  db.close()
  const before = contents(data)['shop.db']
  const { code, stderr } = await demoHere(demo, ['--data', data])
  expect(stderr).toBe(`${shop} belongs to another program. Give another folder with --data.\n`)
  expect(code).toBe(1)
  expect(contents(data)['shop.db']).toBe(before)
})

it('a fresh start does not empty a folder that holds anything else', async () => {
  const data = tempFolder()
  writeFileSync(join(data, 'thesis.txt'), 'ten years of work')
  expect(await refused(data, ['--fresh'])).toBe(
    `${data} holds more than this demo's files (thesis.txt): --fresh leaves it as it is. Give another folder with --data.`,
  )
})

it('a server of OpenAI wants a key', async () => {
  expect(await refused(tempFolder(), [], { OPENAI_BASE_URL: 'https://api.openai.com/v1' })).toBe(
    'OPENAI_API_KEY is not set, and https://api.openai.com/v1 wants one. Set it, or unset OPENAI_BASE_URL: then a written part answers.',
  )
})

it('a key that the server refuses is said before anything is begun', async () => {
  expect(await refused(tempFolder(), [], { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'a-wrong-key' })).toBe(
    `The server at ${server.url} refuses the key (401). Check OPENAI_API_KEY.`,
  )
})

it('a server that cannot be reached is said at once', async () => {
  const url = await closedPort()
  expect(await refused(tempFolder(), [], { OPENAI_BASE_URL: url })).toBe(
    `The server at ${url} cannot be reached (ECONNREFUSED). Start it, or check OPENAI_BASE_URL and the network.`,
  )
})

it('an address that is none is said', async () => {
  expect(await refused(tempFolder(), [], { OPENAI_BASE_URL: 'localhost' })).toBe(
    'OPENAI_BASE_URL is "localhost", which is no URL. Give one such as http://127.0.0.1:8080/v1.',
  )
})

it('a model that is not served is refused with those that are', async () => {
  // A process of its own, since a program looks at this when it is loaded.
  const env = { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'the-right-key', REPRISE_MODEL: 'gpt-9' }
  const data = tempFolder()
  const { code, stderr } = await runDemo(['--data', data], env)
  expect(stderr).toMatch(
    /^The server at \S+ does not serve the model "gpt-9"\. It has: gpt-4\.1, .*gpt-4\.1-mini, .* more\. Set REPRISE_MODEL to one of them\.\n$/,
  )
  expect(code).toBe(1)
  expect(contents(data)).toEqual({})
})

it('tickets that break their schema are refused by the place', async () => {
  const file = ticketsFile([{ id: 't-1', from: 'ada@example.com', text: 7 }])
  expect(await refused(tempFolder(), ['--tickets', file])).toBe(
    `${file} at [0].text: Invalid input: expected string, received number. It must be a list of { "id", "from", "text" }.`,
  )
})

it('a ticket of nobody begins no run', async () => {
  const data = tempFolder()
  const file = ticketsFile([{ id: 't-1', from: 'eve@example.com', text: 'Hello?' }])
  const { code, stderr } = await demoHere(demo, ['--data', data, '--tickets', file])
  expect(stderr).toMatch(
    / at \[0\]\.from: no customer has the e-mail "eve@example\.com"; the shop knows ada@example\.com, ben@/,
  )
  expect(code).toBe(1)
  expect((await demoHere(demo, ['--data', data, '--show', 't-1'])).stderr).toMatch(
    /^There is no run "t-1" in this store\. It has none yet\./,
  )
})

it('a command line that makes no sense ends with 2', async () => {
  const { code, stdout, stderr } = await demoHere(demo, ['--show', 't-1', '--fresh'])
  expect(stderr).toBe('--show and --fresh do not go together. For what there is: npm run demo -- --help\n')
  expect(stdout).toBe('')
  expect(code).toBe(2)
})

it('--help says what there is', async () => {
  const { code, stdout } = await demoHere(demo, ['--help'])
  expect(stdout).toMatch(/^npm run demo -- \[OPTION\.\.\.\]\n/)
  expect(code).toBe(0)
})

/** Runs the demo in a folder that it must leave as it is, and gives its one line. */
async function refused(data: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const before = contents(data)
  const { code, stdout, stderr } = await demoHere(demo, ['--data', data, ...args], env)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^[^\n]+\n$/)
  expect(code).toBe(1)
  expect(contents(data)).toEqual(before)
  return stderr.trimEnd()
}

function ticketsFile(tickets: unknown): string {
  const file = join(tempFolder(), 'tickets.json')
  writeFileSync(file, JSON.stringify(tickets))
  return file
}

/** The URL of a port on which nobody listens any more. */
async function closedPort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return `http://127.0.0.1:${port}/v1`
}
