import { type FakeOpenAI, fakeOpenAI } from '@reprise/testing'
import { writtenPart } from '../part/part.ts'
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
}

/** Starts a server that plays the written part and keeps a log. */
export async function loggedServer(seed: number): Promise<LoggedServer> {
  const part = writtenPart(seed)
  const asked: Asked[] = []
  const server = await fakeOpenAI((ask) => {
    const { input } = ask.body
    asked.push({ at: Date.now(), ticket: ticketOf(input), conversation: JSON.stringify(input), length: input.length })
    return part(ask)
  })
  return { server, asked }
}
