import {
  type AgentCard,
  type AgentSnapshot,
  type CallItem,
  type DefinitionRef,
  type Item,
  type ReplyItem,
  RunRecorder,
  type RunRow,
  type StoredEntry,
  type UserInput,
  type UserItem,
} from '@reprise/core'
import type { RecordedConversation, RecordedReply } from './thread/conversation.ts'
import type { NotTaken } from './read/report.ts'
import type { AskedWith } from './say/exchange.ts'

/** How a recorded conversation becomes a run. */
export interface JournalOptions {
  /**
   * The name of the definition that the run is to be one of: 1 to 64 letters, digits, `_` or `-`. A conversation with
   * handoffs is a team's. @default the agent's name in the recording, else `imported`
   */
  readonly name?: string
  /** The names of tools that are `once` in the definition of that name. @default none */
  readonly once?: readonly string[]
  /** @default none */
  readonly tags?: readonly string[]
  /** When a conversation of which no time was recorded took place, in milliseconds since 1970. @default 0 */
  readonly at?: number
}

/** A run of Reprise made of a recorded conversation. */
export interface RecordedJournal {
  readonly row: RunRow
  /** From the first on. */
  readonly entries: readonly StoredEntry[]
  /** What of the conversation is not in the run: what the conversation lacks already, and what a run cannot hold. */
  readonly notTaken: readonly NotTaken[]
}

/**
 * Makes the journal of a run out of a recorded conversation. It replays under a definition of the same name, tools and rules.
 *
 * A run has one input: it holds the first turn of the user and all that followed up to the second. What the user said then was
 * an answer to the words of the model that was recorded; that part is named in `notTaken`.
 *
 * @example
 * ```ts
 * import { createRuntime, goldenText } from '@reprise/core'
 * import { conversationsFrom, journalOf } from '@reprise/import'
 * import { memoryStore, scriptedModel } from '@reprise/testing'
 *
 * const line = { messages: [{ role: 'user', content: 'About spring' }, { role: 'assistant', content: 'Rain again.' }] }
 * const conversations = await Array.fromAsync(conversationsFrom(JSON.stringify(line), { from: 'chat-jsonl' }))
 * const runs = conversations.map((one) => journalOf(one, { name: 'poet' }))
 * await using runtime = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [] })
 * const { runs: ids } = await runtime.import(goldenText(runs, 'example 1.0.0'))
 * console.log(ids) // [ 'line-1' ]
 * ```
 */
export function journalOf(conversation: RecordedConversation, options: JournalOptions = {}): RecordedJournal {
  return new Journal(conversation, options).write()
}

/** What a handoff's tool is called, in the Agents SDK, in LangGraph and here. */
const HANDOFF = 'transfer_to_'

class Journal {
  readonly #conversation: RecordedConversation
  readonly #run: RunRecorder
  #agent: string
  #with: AgentSnapshot
  #at: number

  constructor(conversation: RecordedConversation, { name, once = [], tags = [], at = 0 }: JournalOptions) {
    const { items, replies, asked, id } = conversation
    this.#conversation = conversation
    this.#at = conversation.startedAt ?? at
    const isTeam = replies.some((reply, index) => this.#handoffBefore(reply, replies[index - 1]))
    const own = nameOf(asked.agent) ?? 'imported'
    const definition: DefinitionRef = { kind: isTeam ? 'team' : 'agent', name: name ?? own, version: 1 }
    this.#agent = isTeam ? own : definition.name
    this.#with = snapshotOf(asked, this.#agent)
    const input = inputOf(firstTurn(items))
    this.#run = new RunRecorder({ id, definition, input, once, tags, at: this.#at, ...this.#with })
  }

  write(): RecordedJournal {
    const { items, where, notTaken } = this.#conversation
    const to = this.#writeReplies()
    const rest = items.length - to
    const reason = rest > 0 ? 'The recording goes on with what a run cannot hold.' : 'The recording ends here.'
    const { row, entries } = this.#run.ended(reason, this.#at)
    return { row, entries, notTaken: rest > 0 ? [...notTaken, { where, why: this.#sayRest(to, rest) }] : notTaken }
  }

  /** @returns the index after the last item that is in the run. */
  #writeReplies(): number {
    const { items, replies } = this.#conversation
    let to = firstTurn(items).length
    for (const [index, reply] of replies.entries()) {
      if (!this.#run.isAsking) return to
      this.#turnTo(reply.asked)
      this.#at = reply.endedAt ?? this.#at
      this.#run.replied(this.#replyOf(reply), this.#at)
      const next = replies[index + 1]
      to = reply.to + this.#writeResults(reply, next)
      if (next && next.from !== to) return to
    }
    return to
  }

  /** The texts that the model was asked with may be others at each reply. */
  #turnTo(asked: AskedWith): void {
    const snapshot = snapshotOf(asked, this.#agent)
    if (JSON.stringify(snapshot) === JSON.stringify(this.#with)) return
    this.#with = snapshot
    this.#run.changed(snapshot, this.#at)
  }

  #replyOf({
    from,
    to,
    finish,
    finishWord,
    usage,
    responseId,
    model,
    asked,
  }: RecordedReply): Parameters<RunRecorder['replied']>[0] {
    const { items } = this.#conversation
    // Whatever its end was called: calls that have results were made.
    const isHeard = items[to]?.kind === 'result'
    const word = finishWord === undefined || isHeard ? {} : { finishWord }
    const id = responseId === undefined ? {} : { responseId }
    return {
      // All items of a reply are of one.
      items: items.slice(from, to) as readonly ReplyItem[],
      finish: isHeard ? 'stop' : finish,
      ...word,
      ...(usage && { usage }),
      model: model ?? asked.model,
      ...id,
    }
  }

  /** @returns how many results are in the run: one for no call, or a second one for a call, and all after it are not. */
  #writeResults({ from, to }: RecordedReply, next: RecordedReply | undefined): number {
    const { items, failed } = this.#conversation
    const after = items.slice(to, next?.from)
    const end = after.findIndex(({ kind }) => kind !== 'result')
    const results = after.slice(0, end < 0 ? undefined : end).filter((item) => item.kind === 'result')
    const at = next?.startedAt ?? this.#at
    const handoff = next && this.#handoffBefore(next, { from, to })
    let written = 0
    for (const { callId, output } of results) {
      if (callId !== handoff?.callId) {
        if (!this.#run.openCalls.includes(callId)) return written
        if (failed.includes(callId)) this.#run.failed(callId, output, at)
        else this.#run.returned(callId, output, at)
      }
      written += 1
    }
    const told = results.find(({ callId }) => callId === handoff?.callId)?.output
    if (next && handoff && told !== undefined && this.#run.openCalls.length === 1)
      this.#handOver(handoff, next.asked, told, at)
    return written
  }

  #handOver({ callId, name }: CallItem, asked: AskedWith, told: string, at: number): void {
    this.#agent = name.slice(HANDOFF.length)
    this.#with = snapshotOf(asked, this.#agent)
    this.#run.handedOver(callId, this.#with, told, at)
  }

  /** The call by which another agent answered next: the first of a handoff, where what it is asked with is another. */
  #handoffBefore(next: RecordedReply, before: Pick<RecordedReply, 'from' | 'to'> | undefined): CallItem | undefined {
    if (!before) return undefined
    const call = this.#conversation.items
      .slice(before.from, before.to)
      .find((item): item is CallItem => item.kind === 'call' && item.name.startsWith(HANDOFF))
    const was = this.#conversation.replies.find(({ from }) => from === before.from)?.asked
    const isOther = was?.agent !== next.asked.agent || was?.instructions !== next.asked.instructions
    return call && isOther ? call : undefined
  }

  #sayRest(to: number, rest: number): string {
    const next = this.#conversation.items[to]
    const what =
      next?.kind === 'user'
        ? `the second turn of the user ("${next.text.slice(0, 40)}")`
        : `a place where calls and results are not in pairs, or the model says more after its answer (${next?.kind})`
    return `The run holds the conversation up to ${what}: ${rest} items from there on are not in it.`
  }
}

/** What the user said before the first reply. */
function firstTurn(items: readonly Item[]): readonly UserItem[] {
  const end = items.findIndex(({ kind }) => kind !== 'user')
  return items.slice(0, end).filter((item) => item.kind === 'user')
}

function inputOf(said: readonly UserItem[]): string | UserInput {
  const [first, ...more] = said
  if (more.length === 0 && first) return first.parts ? { text: first.text, parts: first.parts } : first.text
  const parts = said.flatMap(({ parts = [] }) => parts)
  const text = said.map(({ text }) => text).join('\n\n')
  return parts.length > 0 ? { text, parts } : text
}

/** @param agent its name as a definition has it. */
function snapshotOf({ instructions, ...asked }: AskedWith, agent: string): AgentSnapshot {
  const card: AgentCard = { ...asked, agent, version: 1 }
  return { card, instructions }
}

/** A name as definitions have one. */
function nameOf(agent: string | undefined): string | undefined {
  return agent?.replaceAll(/[^\w-]/g, '_').slice(0, 64) || undefined
}
