// The secrets that a model gives to tools, learned from its reply. ask-model.ts calls this before the reply is
// recorded, so that none of them stands in the journal (invariant 10). Nothing is written here.
import type { CallItem, ReplyItem } from '../../contracts/item.ts'
import type { AgentPlan } from '../../define/plan.ts'
import { isToken, type Secrets } from '../../journal/secrets.ts'
import type { CompiledSchema } from '../../schema/compile.ts'
import { secretsIn } from '../../schema/secret.ts'
import { findTooDeep } from '../../values/json.ts'
import { refuseWritten } from '../../values/read-json.ts'

/**
 * Learns what a model gives to tools as secrets, before its reply is written: from then on they are hidden. The
 * arguments of such a call are said anew, since JSON may be written in many ways.
 */
export async function redactArguments(
  items: readonly ReplyItem[],
  agentPlan: AgentPlan,
  secrets: Secrets,
): Promise<readonly ReplyItem[]> {
  const given = items.map((item) => (item.kind === 'call' ? readSecrets(item, agentPlan) : undefined))
  if (!given.some((found) => found)) return items
  await secrets.load()
  return hideFound(items, given, secrets)
}

/** The same of one call, where the lineage's secrets have been loaded. */
export function hideArguments(item: CallItem, agentPlan: AgentPlan, secrets: Secrets): CallItem {
  const found = readSecrets(item, agentPlan)
  const [hidden = item] = found ? hideFound([item], [found], secrets) : []
  return hidden
}

function hideFound<I extends ReplyItem>(
  items: readonly I[],
  given: readonly (Found | undefined)[],
  secrets: Secrets,
): readonly I[] {
  // What looks like a token and is none is no secret of a model's: it is refused when the call is made.
  secrets.learn(given.flatMap((found) => found?.texts ?? []).filter((text) => !isToken(text.trim())))
  return items.map((item, at) =>
    given[at]?.isPlain ? { ...item, arguments: JSON.stringify(secrets.redact(given[at].value)) } : item,
  )
}

interface Found {
  readonly value: unknown
  readonly texts: readonly string[]
  /** Whether the arguments are taken as they are written: any others stay so, and go back to the model. */
  readonly isPlain: boolean
}

function readSecrets(call: CallItem, agentPlan: AgentPlan): Found | undefined {
  const input = agentPlan.tools.get(call.name)?.input
  if (!input?.secrets) return undefined
  const value = parse(call.arguments)
  const isPlain = refuseWritten(call.arguments, value) === undefined
  const texts = [...textsIn(input, value), ...(isPlain ? [] : textsTwice(call.arguments, input, value))]
  return texts.length > 0 ? { value, texts, isPlain } : undefined
}

/** Of a key that stands twice, the value tells the last alone: all texts under the keys of secret places. */
function textsTwice(written: string, { secrets }: CompiledSchema, value: unknown): readonly string[] {
  const keys = new Set([...(secrets?.at(value).keys() ?? [])].map((path) => /[^.[\]\d]+(?=[[\]\d]*$)/.exec(path)?.[0]))
  return [...written.matchAll(MEMBER)].flatMap(([, key = '', text = '']) =>
    keys.has(JSON.parse(key) as string) ? [JSON.parse(text) as string] : [],
  )
}

/** A key and the text under it, both as JSON writes them. */
const MEMBER = /("[^"\\]*(?:\\.[^"\\]*)*")\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*")/g

/** As the model gives them, and as the schema makes them: it may trim them. */
function textsIn({ secrets, decode }: CompiledSchema, value: unknown): readonly string[] {
  if (!secrets) return []
  const decoded = decode(value)
  return [...secretsIn(secrets, value), ...(decoded.ok ? secretsIn(secrets, decoded.value) : [])]
}

/** What is no JSON, or nests deeper than anything that a tool is given, has no places. */
function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return findTooDeep(value) ? undefined : value
  } catch {
    return undefined
  }
}
