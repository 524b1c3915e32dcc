// A way to a server that a test can break.
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

/** Passes on what goes to a server and comes back, until it is told otherwise. */
export class Proxy {
  readonly #server: Server
  readonly #target: URL
  readonly #sockets = new Set<Socket>()
  #lost: string | undefined
  #isHalted = false

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
    this.#lost = answer
  }

  /** Breaks all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
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
      if (this.#lost === undefined || !data.includes(this.#lost)) return void client.write(data)
      this.#lost = undefined
      this.cut()
    })
    if (this.#isHalted) this.halt()
  }
}
