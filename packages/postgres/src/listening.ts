import { Socket } from 'node:net'
import { messageOf } from '@reprise/core'
import pg from 'pg'
import type { ClientConfig } from 'pg'
import { quote } from './tables.ts'

/** How long a connection is waited for, and how long one is silent before the network is asked whether it is there. */
const CONNECT_TIMEOUT_MS = 10_000
const KEEP_ALIVE_MS = 30_000

/** The pause before a connection is tried again: it doubles from the shortest to the longest. */
const SHORTEST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 30_000

/** After how many attempts in a row that have failed it is said. */
const SAID_AFTER = 6

/** What hears of what comes on a channel. */
export interface Hearing {
  /** Begins to hear: what was told before is lost. */
  begun(): void
  told(payload: string): void
}

/** Hears what is told on a channel of a database, by a connection of its own that keeps no process alive. */
export class Listening {
  readonly #config: ClientConfig
  readonly #channel: string
  readonly #hearing: Hearing
  readonly #over = new AbortController()
  readonly #done: Promise<void>

  /** Begins; where the connection cannot be made, or breaks, it is made anew. */
  constructor(config: ClientConfig, channel: string, hearing: Hearing) {
    this.#config = config
    this.#channel = channel
    this.#hearing = hearing
    this.#done = this.#listen()
  }

  /** Hears no more; resolves when the connection is gone. */
  async end(): Promise<void> {
    this.#over.abort()
    await this.#done
  }

  async #listen(): Promise<void> {
    let failed = 0
    while (!this.#over.signal.aborted) {
      const failure = await this.#hear()
      failed = failure === undefined ? 1 : failed + 1
      if (failed === SAID_AFTER && failure !== undefined) warn(failure)
      await this.#pause(Math.min(SHORTEST_PAUSE_MS * 2 ** (failed - 1), LONGEST_PAUSE_MS))
    }
  }

  /** Listens on one connection until that is over. @returns what it could not begin for; undefined where it has begun. */
  async #hear(): Promise<unknown> {
    const client = new pg.Client({
      ...this.#config,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      fallback_application_name: 'reprise listening',
    })
    const isOver = new Promise<void>((resolve) => client.once('end', () => resolve()))
    client.on('error', () => undefined)
    client.on('notification', ({ payload = '' }) => this.#hearing.told(payload))
    let isConnected = false
    // One that is still being made is waited for by nobody.
    const end = (): void => void (isConnected ? client.end() : client.connection.stream.destroy())
    this.#over.signal.addEventListener('abort', end)
    try {
      const connecting = client.connect()
      letExit(client)
      await Promise.race([connecting, isOver])
      isConnected = true
      letExit(client)
      await client.query(`listen ${quote(this.#channel)}`)
      this.#hearing.begun()
      await isOver
      return undefined
    } catch (thrown) {
      await client.end()
      return thrown
    } finally {
      this.#over.signal.removeEventListener('abort', end)
    }
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#over
    if (signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      timer.unref()
      signal.addEventListener('abort', done)
    })
  }
}

/** Lets the process end though the connection stands. The encrypted one has taken the place of the first by the end. */
function letExit({ connection }: pg.Client): void {
  if (connection.stream instanceof Socket) connection.stream.unref()
}

function warn(thrown: unknown): void {
  process.emitWarning(
    `A store on Postgres cannot listen for hints: ${messageOf(thrown)}. It goes on trying; until then, what others leave for its runs and its workers is found a moment later, as they look. Give postgres(url, { listenUrl }) the address of the server itself.`,
    { type: 'RepriseWarning', code: 'store_no_hints' },
  )
}
