import { type FakeOpenAI, fakeOpenAI, type FakeScript } from '@reprise/fake-openai'
import { ticketOf } from '../part/scene.ts'

/** A question that a server was asked. */
export interface Asked {
  /** Milliseconds since 1970. */
  readonly at: number
  /** The ticket's own words. */
  readonly ticket: string
  /** The whole conversation, as text. */
  readonly conversation: string
  /** Its items. */
  readonly length: number
}

/** A server that outlives the processes that ask it, and remembers what it was asked. */
export interface LoggedServer {
  readonly server: FakeOpenAI
  readonly asked: readonly Asked[]
  /** Comes true with the nth question from now on. */
  question(nth: number): Promise<void>
}

/** Starts a server that plays a written part and keeps a log. */
export async function loggedServer(part: FakeScript): Promise<LoggedServer> {
  const asked: Asked[] = []
  const awaited = new Map<number, () => void>()
  const server = await fakeOpenAI((ask) => {
    const { input } = ask.body
    asked.push({ at: Date.now(), ticket: ticketOf(input), conversation: JSON.stringify(input), length: input.length })
    awaited.get(asked.length)?.()
    return part(ask)
  })
  const question = (nth: number) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    awaited.set(asked.length + nth, resolve)
    return promise
  }
  return { server, asked, question }
}
