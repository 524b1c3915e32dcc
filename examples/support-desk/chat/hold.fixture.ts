import { Readable } from 'node:stream'
import { readArgs } from '../args.ts'
import { chat } from './chat.ts'

/** Holds a chat in this process, and gives what it writes. */
export async function holdChat(args: readonly string[], input: string): Promise<{ code: number; stdout: string }> {
  const written: string[] = []
  const wish = readArgs(args)
  if (wish.kind !== 'chat') throw new Error('these are the arguments of a chat')
  const code = await chat(wish, { stdin: Readable.from([input]), stdout: { write: (text) => written.push(text) } })
  return { code, stdout: written.join('') }
}
