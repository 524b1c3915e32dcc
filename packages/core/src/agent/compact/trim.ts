// Takes the middle out of old results. What it puts there is recorded, so it may be worded otherwise by a later version.
import type { HistoryEdit } from '../../contracts/history.ts'
import { READ_RESULT } from '../../define/read-result.ts'
import { estimateTokens, lengthWithin } from '../../values/estimate-tokens.ts'
import { endBefore } from '../state/cut-text.ts'
import { conversation, held } from '../state/fold.ts'
import type { AgentState } from '../state/state.ts'

/** What is left of a result, in tokens, and the least that it must be longer for it to be worth it. */
const HEAD_TOKENS = 40
const LEAST_TOKENS = 160

/** Edits that trim all results but the newest. */
export function trimmed(state: AgentState, keep: number): readonly HistoryEdit[] {
  const items = conversation(state)
  const places = items.flatMap(({ kind }, at) => (kind === 'result' ? at : []))
  const names = new Names(state)
  return places.slice(0, -keep).flatMap((at) => {
    const item = items[at]
    if (item?.kind !== 'result' || estimateTokens(item.output) < LEAST_TOKENS) return []
    const id = names.of(item.callId)
    return { kind: 'result' as const, at, output: shortened(item.output, id), ...(id !== undefined && { id }) }
  })
}

function shortened(text: string, id: string | undefined): string {
  const head = text.slice(0, endBefore(text, 0, lengthWithin(text, HEAD_TOKENS)))
  const how =
    id === undefined
      ? 'Call the tool again if you need it.'
      : `To read it again: ${READ_RESULT} ${JSON.stringify({ result: id, from: 0 })}.`
  return `${head}\n[The rest of this result, of ${text.length} characters, was taken out to make room. ${how}]`
}

/** The names by which results are read on, old and new. */
class Names {
  readonly #state: AgentState
  readonly #reads: boolean
  #next: number

  constructor(state: AgentState) {
    this.#state = state
    this.#reads = held(state).card.tools.some(({ name }) => name === READ_RESULT)
    this.#next = state.cuts.length + 1
  }

  of(callId: string): string | undefined {
    if (!this.#reads) return undefined
    return this.#state.cuts.find((cut) => cut.callId === callId)?.id ?? `r${this.#next++}`
  }
}
