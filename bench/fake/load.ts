import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import type { Side, Taken } from '../measure.ts'
import type { Asked } from './server.ts'

const AT_ONCE = 8
const CHARACTERS = 4_000
const WORDS =
  'order parcel warehouse delivery invoice refund address street policy window colour size stock courier morning answer'

/** Where requests go, and how. */
export interface Way {
  readonly api: 'responses' | 'chat/completions'
  readonly stream: boolean
}

/** A mock server that is sent requests of 4 KB, each different from all others. */
export class Load {
  readonly #server: ChildProcess
  readonly #url: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  #sent = 0

  private constructor(server: ChildProcess, url: string) {
    this.#server = server
    this.#url = url
  }

  static async start(side: Side): Promise<Load> {
    const program = join(import.meta.dirname, 'server.js')
    const server = fork(program, [side], { execArgv: ['--expose-gc'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const [url] = (await once(server, 'message')) as [string]
    return new Load(server, url)
  }

  /** How many requests were sent so far. */
  get sent(): number {
    return this.#sent
  }

  /** Asks the server about itself. */
  async ask(what: Asked): Promise<number> {
    this.#server.send(what)
    const [told] = (await once(this.#server, 'message')) as [number]
    return told
  }

  /**
   * Sends so many requests, eight at a time.
   *
   * @returns microseconds for each: by the clock, and of a processor for the server.
   */
  async send(count: number, way: Way): Promise<Taken> {
    const bodies = Array.from({ length: count }, () => bodyOf((this.#sent += 1), way))
    const before = await this.ask('cpu')
    const start = performance.now()
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.#work(bodies, way)))
    const wall = (performance.now() - start) * 1e3
    return { wall: wall / count, cpu: ((await this.ask('cpu')) - before) / count }
  }

  stop(): void {
    this.#agent.destroy()
    this.#server.disconnect()
  }

  async #work(bodies: string[], way: Way): Promise<void> {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) await this.#post(body, way)
  }

  #post(body: string, { api, stream }: Way): Promise<void> {
    const headers = { authorization: 'Bearer sk-bench', 'content-type': 'application/json' }
    return new Promise((resolve, reject) => {
      const to = request(`${this.#url}/${api}`, { method: 'POST', agent: this.#agent, headers }, (answer) => {
        const isRight = answer.statusCode === 200 && answer.headers['content-type']?.includes('event-stream') === stream
        if (!isRight) reject(new Error(`Void: an answer of ${answer.statusCode}`))
        answer.resume().once('end', resolve)
      })
      to.once('error', reject)
      to.end(body)
    })
  }
}

function bodyOf(nth: number, { api, stream }: Way): string {
  const words = WORDS.split(' ')
  let text = `Request ${nth}.`
  for (let at = nth; text.length < CHARACTERS; at = (at * 48_271 + 11) % 2_147_483_647)
    text += ` ${words[at % words.length]}`
  const said = [{ role: 'user', content: text }]
  return JSON.stringify({
    model: 'gpt-4.1-mini',
    stream,
    ...(api === 'responses' ? { input: said } : { messages: said }),
  })
}
