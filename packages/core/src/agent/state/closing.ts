// What is said of what a turn of a session has left open, so that the next can go on from it: no call without its result.
import type { AssistantItem, CallItem, Item, ResultItem, UserItem } from '../../contracts/item.ts'
import type { AgentState, CallState } from './state.ts'

/** What comes after the conversation of a run that has ended, where another goes on from it. It is recorded there. */
export function closingItems({ phase, items, said }: AgentState): readonly (ResultItem | AssistantItem | UserItem)[] {
  if (phase.kind !== 'ended') return []
  const { left = [], cut = '' } = phase
  const results = openCalls(items.items, items.length).map(({ callId }): ResultItem => {
    const output = toldOf(left.find(({ call }) => call.callId === callId))
    return { kind: 'result', callId, output: output.toWellFormed() }
  })
  if (cut === '') return [...results, ...said]
  return [...results, { kind: 'assistant', text: `${cut.toWellFormed()} [stopped here]` }]
}

/** The calls of the last reply that have no result, in their order. All before it have theirs. */
function openCalls(items: readonly Item[], length: number): readonly CallItem[] {
  const answered = new Set<string>()
  const open: CallItem[] = []
  for (let at = length - 1; at >= 0; at--) {
    const item = items[at]
    if (item === undefined || item.kind === 'user') break
    if (item.kind === 'result') answered.add(item.callId)
    if (item.kind === 'call' && !answered.has(item.callId)) open.unshift(item)
  }
  return open
}

function toldOf(call: CallState | undefined): string {
  if (!call) return 'Not run: the reply was cut short.'
  const { stage, begun, ran } = call
  if (stage.kind === 'settled') return stage.told
  if (begun || ran)
    return 'Nobody knows whether this happened: it was stopped before its result was known. Look before you do it again.'
  if (stage.kind === 'unapproved') return 'Not run: it was stopped before anybody had allowed it.'
  return 'Not run: it was stopped before.'
}
