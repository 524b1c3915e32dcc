// What a run remembers of the calls that have returned, for rules that look at it. It grows with them, and what is judged
// over it is found without going through it again.
import type { Json } from '../../values/json.ts'
import { append, emptyLog, type Log } from './log.ts'

/** A call that has returned, as the journal has it. */
export interface Fact {
  /** Of the entry that says so. */
  readonly seq: number
  /** As the model wrote them. */
  readonly arguments: string
  /** What the schema made of them, where that is another thing. */
  readonly input?: Json
  readonly result: Json
}

/** What is remembered, by tool: a list, as counts are; null where no rule looks at it. */
export type Memory = readonly (readonly [tool: string, log: Log<Fact>])[] | null

const NOTHING: Log<Fact> = emptyLog()

/** What is remembered of a tool. */
export function factsOf(memory: Memory, tool: string): Log<Fact> {
  return memory?.find(([known]) => known === tool)?.[1] ?? NOTHING
}

/** The memory with one more. */
export function remember(memory: Memory, tool: string, fact: Fact): Memory {
  if (memory === null) return null
  const at = memory.findIndex(([known]) => known === tool)
  if (at === -1) return [...memory, [tool, append(emptyLog<Fact>(), [fact])]]
  return memory.with(at, [tool, append(factsOf(memory, tool), [fact])])
}
