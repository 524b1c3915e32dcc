// What rules are told of earlier calls. Each is read once, whoever asks how often.
import type { AnyTool } from '../../define/tool.ts'
import type { Facts, PastCall } from '../../define/facts.ts'
import { copyJson } from '../../values/json.ts'
import { type Fact, factsOf } from '../state/facts.ts'
import type { AgentState } from '../state/state.ts'

/** What a run knows, for the functions of rules. */
export function factsFor({ context, memory }: AgentState): Facts {
  return {
    context,
    // The types are the user's, of the same tool that the journal names.
    returned: ((tool: AnyTool) => pastCalls(tool, factsOf(memory, tool.name))) as Facts['returned'],
  }
}

const known = new WeakMap<readonly Fact[], PastCall[]>()

function pastCalls(
  tool: AnyTool,
  { items, length }: { readonly items: readonly Fact[]; readonly length: number },
): readonly PastCall[] {
  const calls = known.get(items) ?? []
  known.set(items, calls)
  for (let at = calls.length; at < items.length; at++) calls.push(pastCall(tool, items[at] as Fact))
  // A state of before has seen less of the list.
  return calls.length === length ? calls : calls.slice(0, length)
}

/** Frozen, since it is one for all who ask. */
function pastCall(tool: AnyTool, fact: Fact): PastCall {
  let input: { readonly value: unknown } | undefined
  let result: { readonly value: unknown } | undefined
  return Object.freeze({
    seq: fact.seq,
    get input() {
      input ??= {
        value: frozen(
          fact.input === undefined ? tool.input.restored(JSON.parse(fact.arguments || '{}')) : copyJson(fact.input),
        ),
      }
      return input.value
    },
    get result() {
      result ??= { value: frozen(copyJson(fact.result)) }
      return result.value
    },
  })
}

function frozen(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}
