import type { CallItem, ReplyItem } from '../contracts/item.ts'
import type { Post } from '../define/plan.ts'
import type { Secrets } from '../journal/secrets.ts'
import type { CompiledSchema } from '../schema/compile.ts'
import { secretsIn } from '../schema/secret.ts'
import { findTooDeep } from '../words/json.ts'

/**
 * Learns what a model gives to tools as secrets, before its reply is written: from then on they are hidden. The
 * arguments of such a call are said anew, since JSON may be written in many ways.
 */
export async function hideArguments(
  items: readonly ReplyItem[],
  post: Post,
  secrets: Secrets,
): Promise<readonly ReplyItem[]> {
  const given = items.map((item) => (item.kind === 'call' ? readSecrets(item, post) : undefined))
  if (!given.some((found) => found)) return items
  await secrets.load()
  secrets.learn(given.flatMap((found) => found?.texts ?? []))
  return items.map((item, at) =>
    given[at] ? { ...item, arguments: JSON.stringify(secrets.hide(given[at].value)) } : item,
  )
}

function readSecrets(
  call: CallItem,
  post: Post,
): { readonly value: unknown; readonly texts: readonly string[] } | undefined {
  const input = post.tools.get(call.name)?.input
  if (!input?.secrets) return undefined
  const value = parse(call.arguments)
  const texts = textsIn(input, value)
  return texts.length > 0 ? { value, texts } : undefined
}

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
