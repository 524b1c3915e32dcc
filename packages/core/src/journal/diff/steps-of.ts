// What a run did, step by step, out of its entries: what two runs are compared by. Pure.
import type { AgentSnapshot, ChildEnding, Entry, EntryOf, RecordedError } from '../../contracts/entry.ts'
import type { CallItem } from '../../contracts/item.ts'
import type { Json, JsonObject } from '../../values/json.ts'
import { sortedJson } from '../../values/sorted-json.ts'
import { callKey } from '../keys.ts'
import type { RunStep, RunStepKind } from './run-step.ts'

/** Steps that belong together: a reply with its calls, or one step alone. */
export interface Block {
  readonly steps: readonly RunStep[]
  /** Where two runs have the same, it is the same block. */
  readonly exact: string
  /** Where they have the same here alone, it is the same block that says something else. */
  readonly like: string
  /** Whether `exact` names one block of a run, whatever its place: work that runs side by side comes in any order. */
  readonly isKeyed: boolean
}

interface Open {
  readonly steps: Building[]
  readonly key?: string
}

/** A step of which more may be said by later entries. */
interface Building extends Omit<RunStep, 'kind' | 'name' | 'said'> {
  kind: RunStepKind
  name: string
  said: JsonObject
}

/** Puts the entries of a run together as steps. */
export function blocksOf(entries: readonly Entry[]): readonly Block[] {
  const reading = new Reading()
  for (const entry of entries) reading.read(entry)
  return reading.blocks.map((block) => closed(block))
}

class Reading {
  readonly blocks: Open[] = []
  readonly #calls = new Map<string, Building>()
  readonly #keyed = new Map<string, Building>()
  #agent = ''

  read(entry: Entry): void {
    switch (entry.kind) {
      case 'run.started':
        return this.#start(entry)
      case 'run.forked':
        return this.#fork()
      case 'definition.changed':
        return this.#add(entry, 'definition', this.#agent, sayAgent(entry.body))
      case 'model.replied':
        return this.#reply(entry)
      case 'call.judged':
        return entry.body.allowed ? undefined : this.#say(entry, { refused: entry.body.told ?? '' })
      case 'approval.given': {
        const { approved, by, told, edited } = entry.body
        const more = { ...(edited && { arguments: edited.arguments }), ...(told !== undefined && { told }) }
        return this.#say(entry, { approval: { approved, by, ...more } })
      }
      case 'call.returned':
        return this.#returned(entry)
      case 'call.failed':
        return entry.body.retryAt === null ? this.#say(entry, { error: sayError(entry.body.error) }) : undefined
      case 'call.doubted':
        return this.#say(entry, { doubt: entry.body.reason })
      case 'call.resolved':
        return this.#say(entry, { doubt: undefined, ...(entry.body.happened && { result: entry.body.result }) })
      case 'memory.read':
        return this.#add(entry, 'memory', entry.body.memory, { text: entry.body.text ?? '' })
      case 'handoff.made':
        return this.#handoff(entry)
      case 'output.judged':
        return this.#add(entry, 'complaint', this.#agent, { told: entry.body.told })
      case 'step.returned':
        return this.#keep(entry, 'step', entry.body.name, { result: entry.body.result })
      case 'step.failed':
        if (entry.body.retryAt !== null) return undefined
        return this.#keep(entry, 'step', entry.body.name, { error: sayError(entry.body.error) })
      case 'child.started':
        return this.#keep(entry, 'child', entry.body.name, { given: entry.body.asked })
      case 'child.ended':
        return this.#more(entry, sayEnding(entry.body.ending))
      case 'timer.set':
        return this.#keep(entry, 'timer', entry.key, entry.body.ms === undefined ? {} : { ms: entry.body.ms })
      case 'message.received':
        return this.#keep(entry, 'message', entry.body.signal, { payload: entry.body.payload })
      case 'race.won':
        return this.#keep(entry, 'race', entry.key, { branch: entry.body.branch })
      case 'run.completed':
        return this.#add(entry, 'end', this.#agent, { outcome: 'completed', output: entry.body.output })
      case 'run.failed':
        return this.#add(entry, 'end', this.#agent, { outcome: entry.body.outcome, error: sayError(entry.body.error) })
      case 'run.cancelled':
        return this.#add(entry, 'end', this.#agent, { outcome: 'cancelled', reason: entry.body.reason })
      // How often something was tried, and when, and who had to be waited for, is no other path.
      case 'model.asked':
      case 'model.failed':
      case 'approval.asked':
      case 'answer.asked':
      case 'call.intended':
      case 'timer.fired':
      case 'history.compacted':
      case 'run.waiting':
      case 'run.rewound':
      case 'history.joined':
      case 'run.quarantined':
      case 'run.released':
        return undefined
      default:
        return entry satisfies never
    }
  }

  #start(entry: EntryOf<'run.started'>): void {
    const { definition, input, context } = entry.body
    const agent = 'card' in entry.body ? sayAgent(entry.body) : {}
    if ('card' in entry.body) this.#agent = entry.body.card.agent
    this.#add(entry, 'start', `${definition.kind} ${definition.name}`, { input, context, ...agent })
  }

  #returned(entry: EntryOf<'call.returned'>): void {
    const { result, parts } = entry.body
    // What is shown is JSON.
    const shown = parts ? { parts: parts as unknown as Json } : {}
    this.#say(entry, { result, ...shown, error: undefined, doubt: undefined })
  }

  /** What had begun and not ended by then begins anew. */
  #fork(): void {
    for (const step of this.#calls.values())
      if (step.kind === 'call' && !('result' in step.said) && !('error' in step.said) && !('refused' in step.said))
        step.said = { arguments: step.said['arguments'] }
  }

  #reply(entry: EntryOf<'model.replied'>): void {
    const { items, finish } = entry.body.reply
    const calls = items.filter((item) => item.kind === 'call')
    const text = items.flatMap((item) => (item.kind === 'assistant' ? [item.text] : [])).join('')
    const refusal = items.find((item) => item.kind === 'refusal')
    const { seq, key } = entry
    const steps: Building[] = calls.map((call, ordinal) => callStep(call, seq, callKey(key, ordinal)))
    const said = { text, ...(refusal && { refusal: refusal.text }), ...(finish !== 'stop' && { finish }) }
    // A reply that is calls alone says nothing of its own.
    if (Object.keys(said).length > 1 || text !== '' || calls.length === 0)
      steps.unshift({ kind: 'reply', name: this.#agent, seq, key, said })
    for (const step of steps) if (step.kind === 'call') this.#calls.set(step.key, step)
    this.blocks.push({ steps })
  }

  #handoff(entry: EntryOf<'handoff.made'>): void {
    const call = this.#calls.get(entry.key)
    this.#agent = entry.body.card.agent
    if (!call) return this.#add(entry, 'handoff', entry.body.to, sayAgent(entry.body))
    Object.assign(call, { kind: 'handoff', name: entry.body.to, said: sayAgent(entry.body) })
  }

  #say({ key }: Entry, more: JsonObject): void {
    const call = this.#calls.get(key)
    if (!call) return
    const said = Object.entries({ ...call.said, ...more }).filter(([, value]) => value !== undefined)
    call.said = Object.fromEntries(said)
  }

  #add({ seq, key }: Entry, kind: RunStepKind, name: string, said: JsonObject): void {
    this.blocks.push({ steps: [{ kind, name, seq, key, said }] })
  }

  /** Of a workflow, where each thing has a key of its own: a fork may begin it once more. */
  #keep({ seq, key }: Entry, kind: RunStepKind, name: string, said: JsonObject): void {
    const known = this.#keyed.get(key)
    if (known) return void (known.said = said)
    const step: Building = { kind, name, seq, key, said }
    this.#keyed.set(key, step)
    this.blocks.push({ steps: [step], key: `${kind} ${key}` })
  }

  #more({ key }: Entry, more: JsonObject): void {
    const step = this.#keyed.get(key)
    if (step) step.said = { ...step.said, ...more }
  }
}

function callStep(call: CallItem, seq: number, key: string): Building {
  return { kind: 'call', name: call.name, seq, key, said: { arguments: readArguments(call.arguments) } }
}

/** Arguments that are no JSON are compared as the text that they are. */
function readArguments(written: string): Json {
  try {
    return JSON.parse(written) as Json
  } catch {
    return written
  }
}

function sayAgent({ card, instructions }: AgentSnapshot): JsonObject {
  return { agent: card.agent, model: card.model, instructions }
}

/** Where it was thrown, and its ids, are those of one run. */
function sayError({ code, message }: RecordedError): JsonObject {
  return { code, message }
}

function sayEnding(ending: ChildEnding): JsonObject {
  if (ending.kind === 'completed') return { outcome: ending.kind, output: ending.output }
  if (ending.kind === 'cancelled') return { outcome: ending.kind, reason: ending.reason }
  return { outcome: ending.kind, error: sayError(ending.error) }
}

/** Of a reply, which calls it makes is what it does; in which order it asks for them is not. */
function closed({ steps, key }: Open): Block {
  if (key !== undefined) return { steps, exact: key, like: key, isKeyed: true }
  const calls = steps.filter(({ kind }) => kind === 'call' || kind === 'handoff')
  const [first] = steps
  if (calls.length === 0) {
    const { kind = 'reply', said = {} } = first ?? {}
    // A run begins and ends once.
    const isOne = kind === 'start' || kind === 'end'
    return { steps, exact: isOne ? kind : `${kind} ${sortedJson(said)}`, like: kind, isKeyed: isOne }
  }
  const exact = calls.map((call) => exactOf(call)).toSorted()
  const like = calls.map(({ kind, name }) => `${kind} ${name}`).toSorted()
  return { steps, exact: exact.join('\n'), like: like.join('\n'), isKeyed: false }
}

/** The tool and what it is called with, in whatever order its keys come. */
export function exactOf({ kind, name, said }: RunStep): string {
  return `${kind} ${name} ${kind === 'call' ? sortedJson(said['arguments'] ?? null) : ''}`
}
