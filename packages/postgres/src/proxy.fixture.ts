// A way to a server that a test can break.
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

/** What an error begins with, after its sign and its length. */
const ERROR = 'SERROR\0'
const HEADER_BYTES = 5

/** Passes on what goes to a server and comes back, until it is told otherwise. */
export class Proxy {
  readonly #server: Server
  #target: URL
  readonly #sockets = new Set<Socket>()
  readonly #muted = new WeakSet<Socket>()
  #lost: { readonly answer: string; readonly loss: (client: Socket) => void } | undefined
  #isHalted = false
  #isParting = false

  private constructor(server: Server, target: URL) {
    this.#server = server
    this.#target = target
    server.on('connection', (socket) => this.#pass(socket))
  }

  static async to(url: string): Promise<Proxy> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new Proxy(server, new URL(url))
  }

  /** The address of the same database by this way. */
  get url(): string {
    const url = new URL(this.#target)
    url.port = String((this.#server.address() as AddressInfo).port) // of a server that listens on a port
    return url.href
  }

  /** Breaks all connections in the place of the next answer that says something. */
  lose(answer: string): void {
    this.#lost = { answer, loss: () => this.cut() }
  }

  /** Closes its connection in the place of the next answer that says something, from the server's side alone. */
  halfClose(answer: string): void {
    this.#lost = { answer, loss: (client) => client.end() }
  }

  /** Passes nothing back any more on its connection from the next answer on that says something; resolves then. */
  async mute(answer: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#lost = {
        answer,
        loss: (client) => {
          this.#muted.add(client)
          resolve()
        },
      }
    })
  }

  /** Passes on what the server says after the next error only once the client has sent something else. */
  part(): void {
    this.#isParting = true
  }

  /** Breaks all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Leads to another server from now on, as a name does that was moved: nobody is told, and all connections break. */
  lead(url: string): void {
    this.#target = new URL(url)
    this.cut()
  }

  /** Passes nothing on any more, either way, and breaks nothing: as where a cable is out. */
  halt(): void {
    this.#isHalted = true
    for (const socket of this.#sockets) socket.pause()
  }

  /** Passes on what has waited, and all that comes. */
  goOn(): void {
    this.#isHalted = false
    for (const socket of this.#sockets) socket.resume()
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #pass(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname)
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    client.on('data', (data) => server.write(data))
    server.on('data', (data) => {
      if (this.#muted.has(client)) return
      const lost = this.#lost
      if (lost === undefined || !data.includes(lost.answer)) return this.#passBack(client, data)
      this.#lost = undefined
      lost.loss(client)
    })
    if (this.#isHalted) this.halt()
  }

  #passBack(client: Socket, data: Buffer): void {
    const error = this.#isParting ? data.indexOf(ERROR) - HEADER_BYTES : -1
    if (error < 0) return void client.write(data)
    this.#isParting = false
    const end = error + 1 + data.readInt32BE(error + 1)
    client.write(data.subarray(0, end))
    client.once('data', () => client.write(data.subarray(end)))
  }
}
