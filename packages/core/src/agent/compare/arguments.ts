// What the arguments of calls come to, so that equal ones are equal however they were written. Pure.
import type { CallItem } from '../../contracts/item.ts'
import type { Plan } from '../../define/plan.ts'
import { copyJson, findUnjson, type Json } from '../../values/json.ts'
import { sortedJson } from '../../values/sorted-json.ts'
import { type Places, without } from './places.ts'
import type { MadeCall } from './made-calls.ts'

type Made = Pick<MadeCall, 'call' | 'agent' | 'callDigest'>

/** Reads the arguments of calls as a plan's tools take them. */
export class ArgumentReader {
  readonly #plan: Plan
  readonly #ignored: (tool: string) => Places
  readonly #known = new Map<CallItem, { readonly value: Json; readonly texts: readonly string[] }>()

  /** @param ignored the places of a tool's arguments that count for nothing. */
  constructor(plan: Plan, ignored: (tool: string) => Places) {
    this.#plan = plan
    this.#ignored = ignored
  }

  /** Those of some calls that are of the same tool as another, with equal arguments. */
  equalTo<T extends Made>(made: Made, others: readonly T[]): readonly T[] {
    const alike = others.filter((other) => areAlike(made, other))
    // Where some are the same to the letter or by their fingerprints, the others are hardly read otherwise.
    return alike.length > 0 ? alike : others.filter((other) => this.#areEqual(made, other))
  }

  #areEqual(one: Made, other: Made): boolean {
    if (one.call.name !== other.call.name) return false
    const others = this.#read(other).texts
    return this.#read(one).texts.some((text, at) => text === others[at])
  }

  /** What the schema of the tool makes of the arguments; where it takes them not, what the model wrote. */
  valueOf(made: Made): Json {
    return this.#read(made).value
  }

  #read({ call, agent }: Made): { readonly value: Json; readonly texts: readonly string[] } {
    const known = this.#known.get(call)
    if (known) return known
    const given = parse(call.arguments)
    const value = this.#decoded(call, agent, given)
    const places = this.#ignored(call.name)
    // A schema may make something else of the same each time.
    const read = { value, texts: [given, value].map((json) => sortedJson(without(json, places))) }
    this.#known.set(call, read)
    return read
  }

  #decoded({ name }: CallItem, agent: string, given: Json): Json {
    const tool = this.#plan.agents.get(agent)?.tools.get(name)
    if (!tool) return given
    const decoded = tool.input.decodeHidden(given)
    const value = decoded.ok && !findUnjson(decoded.value) ? decoded.value : tool.input.restored(given)
    return (copyJson(value) ?? null) as Json
  }
}

function areAlike(one: Made, other: Made): boolean {
  if (one.call.name !== other.call.name) return false
  return (
    one.call.arguments === other.call.arguments || (one.callDigest !== undefined && one.callDigest === other.callDigest)
  )
}

/** What is no JSON is told as it was written. */
function parse(text: string): Json {
  try {
    return JSON.parse(text || '{}') as Json
  } catch {
    return text
  }
}
