import { createInterface } from 'node:readline'
import { formatUsd, RepriseError, type Session } from '@reprise/core'
import type { Args } from '../args.ts'
import { Complaint } from '../complaint.ts'
import { chatAgent } from '../desk/chat-agent.ts'
import { checkKind, emptyFolder, folderAt } from '../folder.ts'
import { connect } from '../model/connect.ts'
import { type OpenDesk, openDesk } from '../open-desk.ts'
import { chatPart } from '../part/chat/chat-part.ts'
import { Conversation } from './conversation.ts'
import { Teller } from './teller.ts'
import { COMMANDS, readWish } from './wish.ts'

type ChatArgs = Extract<Args, { kind: 'chat' }>

/** Where lines come from and where words go. */
export interface ChatIo {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stdout: { write(text: string): unknown }
}

/** Who talks, where nobody else is named. */
const CUSTOMER = 'carla@example.com'

/**
 * Talks with a customer, line by line, and goes on with what was said before.
 *
 * @returns the exit code: 0 when the customer has left, 130 when it was interrupted, 1 when it could not go on.
 * @throws Complaint, StoreError when it cannot begin.
 */
export async function chat(args: ChatArgs, io: ChatIo = process): Promise<number> {
  const folder = folderAt(args.data)
  const voice = await connect(args.seed, chatPart)
  try {
    if (args.fresh) emptyFolder(folder)
    checkKind(folder, false)
    const open = await openDesk(folder, voice.models)
    try {
      const { email, session } = await sessionOf(open, args)
      io.stdout.write(`${voice.says}\n\n${COMMANDS}\n\nThe chat "${args.session}" with ${email}:\n`)
      const code = await talk(open, session, io)
      if (code === 0) io.stdout.write(`${await left(session)}\n`)
      if (code === 130) io.stdout.write('\nStopped. The chat is kept: the same command goes on.\n')
      return code
    } finally {
      await open.close()
    }
  } finally {
    await voice.close()
  }
}

/** @throws Complaint when there is no such customer, or the session is another one's. */
async function sessionOf({ runtime, shop: { registry } }: OpenDesk, { session: id, as }: ChatArgs) {
  const [begun] = await runtime.runs.list({ sessionId: id, limit: 1 })
  const customer =
    as === undefined && begun ? registry.customer(begun.user ?? '') : registry.customerByEmail(as ?? CUSTOMER)
  if (!customer)
    throw new Complaint(`No customer has the e-mail "${as}". The shop knows ${registry.emails().join(', ')}.`)
  if (begun && begun.user !== customer.id)
    throw new Complaint(
      `The chat "${id}" is ${registry.customer(begun.user ?? '')?.email}'s. Leave --as away, or give another --session.`,
    )
  const whose = { context: { customerId: customer.id }, user: customer.id }
  return { email: customer.email, session: runtime.session(id, { agent: chatAgent, ...whose }) }
}

async function talk(open: OpenDesk, session: Session<string>, { stdin, stdout }: ChatIo): Promise<number> {
  const isTyped = stdin.isTTY === true
  const keyboard = createInterface({ input: stdin, ...(isTyped && { output: process.stdout, prompt: '> ' }) })
  // From here on no line is lost, however long the first of them takes.
  const lines = keyboard[Symbol.asyncIterator]()
  let interrupted = false
  const interrupt = (): void => {
    interrupted = true
    keyboard.close()
    void open.close()
  }
  process.once('SIGINT', interrupt)
  keyboard.once('SIGINT', interrupt)
  try {
    const conversation = new Conversation(open.runtime, session, new Teller((text) => stdout.write(text)), !isTyped)
    let goesOn = await conversation.takeUp()
    while (goesOn || isTyped) {
      if (interrupted) break
      if (isTyped) keyboard.prompt()
      const next: IteratorResult<string, unknown> = await lines.next()
      if (next.done) return interrupted ? 130 : 0
      const wish = readWish(next.value)
      if (wish.kind === 'quit') return 0
      goesOn = await perform(conversation, wish, stdout)
    }
    return interrupted ? 130 : 1
  } finally {
    process.off('SIGINT', interrupt)
    keyboard.close()
  }
}

/** A line that is refused, such as a message whose id another one has, ends no conversation. */
async function perform(
  conversation: Conversation,
  wish: Parameters<Conversation['perform']>[0],
  stdout: ChatIo['stdout'],
) {
  try {
    return await conversation.perform(wish)
  } catch (error) {
    if (!RepriseError.is(error)) throw error
    stdout.write(`${error.message}\n`)
    return true
  }
}

async function left(session: Session<string>): Promise<string> {
  const { turns, inputTokens, outputTokens, costNano } = await session.totals()
  const used = `${turns} turns of the model, ${inputTokens + outputTokens} tokens, ${formatUsd(costNano)}`
  return `\nThe chat is kept: the same command goes on. So far: ${used}.`
}
