// The thread that beats for the owners of this process, so that a tool that blocks the event loop does not lose its runs
// (fault 11). It has a connection for an owner from the first beat on that did not come from the event loop, and stops for one
// whose loop has said nothing for long: such a one will not come back.
import { randomInt } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import pg from 'pg'
import { ANY } from './owners.ts'
import type { PulseAnswer, PulseBegin, PulseMessage } from './pulse.ts'

/** How long an event loop may be blocked before its owner counts as lost, in milliseconds. */
const LONGEST_SILENCE_MS = 600_000

/** After how many beats that did not come from the event loop this thread makes them: each is a write, and one will do. */
const MISSED_BEATS = 2

/** How long a connection is waited for, and an answer, in milliseconds: another beat comes then. */
const TIMEOUT_MS = 4_000

const beating = new Map<string, Beating>()
/** None of this thread's beats is one that the event loop makes: both begin anywhere. */
let last = randomInt(2 ** 47)

/** One owner. */
class Beating {
  readonly #asked: PulseBegin
  readonly #timer: NodeJS.Timeout
  #heard = performance.now()
  #client: pg.Client | undefined
  #beat: Promise<void> | undefined

  constructor(asked: PulseBegin) {
    this.#asked = asked
    this.#timer = setInterval(() => this.#look(), asked.everyMs)
  }

  hear(): void {
    this.#heard = performance.now()
  }

  async end(): Promise<void> {
    clearInterval(this.#timer)
    await this.#beat
    await this.#client?.end()
  }

  #look(): void {
    const silentMs = performance.now() - this.#heard
    if (silentMs < MISSED_BEATS * this.#asked.everyMs || silentMs > LONGEST_SILENCE_MS) return
    this.#beat ??= this.#beatOnce().finally(() => {
      this.#beat = undefined
    })
  }

  async #beatOnce(): Promise<void> {
    const { owner, owners, runs } = this.#asked
    try {
      this.#client ??= await this.#connect()
      // Nobody looks for the beat of an owner without runs.
      await this.#client.query(
        `insert into ${owners} as o (owner, beat, lost)
          select $1, $2, ${ANY} where exists (select 1 from ${runs} where owner = $1 and ended_at is null)
          on conflict (owner) do update set beat = excluded.beat`,
        [owner, ++last],
      )
    } catch {
      // The server is away, or the connection is: the next beat is as good, by another one.
      void this.#client?.end().catch(() => undefined)
      this.#client = undefined
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...this.#asked.config,
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
      fallback_application_name: 'reprise pulse',
    })
    client.on('error', () => {
      if (this.#client === client) this.#client = undefined
    })
    await client.connect()
    return client
  }
}

async function end(owner: string): Promise<void> {
  const own = beating.get(owner)
  beating.delete(owner)
  await own?.end().catch(() => undefined)
  parentPort?.postMessage({ ended: owner } satisfies PulseAnswer)
}

parentPort?.on('message', (message: PulseMessage) => {
  if (message.kind === 'begin') beating.set(message.owner, new Beating(message))
  else if (message.kind === 'heard') beating.get(message.owner)?.hear()
  else void end(message.owner)
})
