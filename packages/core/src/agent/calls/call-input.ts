// What a call is given: the arguments are decoded once, and each attempt, the approval and the question whether it happened
// get the same, each a copy of its own. What the schema makes of them is recorded where it is JSON and another thing than
// what the model gave; where it is more than JSON can say, each process decodes anew.
import { isDeepStrictEqual } from 'node:util'
import type { CallItem } from '../../contracts/item.ts'
import type { AnyTool } from '../../define/tool.ts'
import { inputDigest } from '../../journal/fingerprint.ts'
import { tokensIn } from '../../journal/secrets.ts'
import type { Issue } from '../../schema/issue.ts'
import { copyValue } from '../../values/copy-value.ts'
import type { Digest } from '../../values/digest.ts'
import { copyJson, findUnjson, type Json } from '../../values/json.ts'
import { sameJson } from '../../values/same-json.ts'
import type { Remark } from './remark.ts'
import type { Reveal } from './reveal.ts'
import type { CallVerdict } from '../state/state.ts'

/** What a call is given. */
export interface CallInput {
  readonly callDigest: Digest
  /** What a verdict records of it; undefined where it follows from the arguments. */
  readonly kept: Json | undefined
  /** A copy for one attempt. */
  readonly give: () => unknown
  /** A copy with its secrets. @param fresh gives what the schema makes of the arguments once they have theirs. */
  readonly reveal: (reveal: Reveal, fresh: () => unknown) => unknown
  /** What is to be said of the schema to whoever wrote it. */
  readonly remark: Remark | undefined
}

/** One call that is read. */
export interface Reading {
  readonly call: CallItem
  readonly tool: AnyTool
  /** What is recorded of it, where anything is. */
  readonly verdict: CallVerdict | null
  /** Whether the schema reads today as the model was told when it made the call. */
  readonly toldAlike: () => boolean
  /** The arguments as they stand there, anew each time. */
  readonly parse: () => unknown
}

/** Reads a call, or says what is wrong with its arguments. */
export function readInput(reading: Reading): CallInput | readonly Issue[] {
  const { tool, verdict, call } = reading
  if (verdict?.input !== undefined) return keptInput(reading, verdict.input)
  const given = reading.parse()
  const restored = tool.input.restored(given)
  const decoded = tool.input.decode(given)
  if (decoded.ok && sameJson(decoded.value, restored)) return plainInput(reading, restored, decoded.value)
  if (decoded.ok && keeps(call, decoded.value)) return keptInput(reading, copyJson(decoded.value) as Json)
  const hidden = decoded.ok ? decoded : tool.input.decodeHidden(given)
  if (hidden.ok) return anewInput(reading, restored, hidden.value)
  // What was accepted once is not checked again, as whether a day is to come.
  const isAccepted = verdict?.callDigest === inputDigest(tool.name, restored) && reading.toldAlike()
  return isAccepted ? plainInput(reading, restored, restored) : hidden.issues
}

/** Whether a journal can keep what a schema has made, the tokens in it among them. */
function keeps(call: CallItem, value: unknown): boolean {
  if (findUnjson(value) || !sameJson(value, copyJson(value))) return false
  const text = JSON.stringify(value)
  return tokensIn(call.arguments).every((token) => text.includes(token))
}

function plainInput(reading: Reading, restored: unknown, first: unknown): CallInput {
  const { tool, parse } = reading
  // A tool may change what it is given, and the first attempt is mostly the last.
  const unused = [first]
  return {
    callDigest: inputDigest(tool.name, restored),
    kept: undefined,
    give: () => unused.pop() ?? tool.input.restored(parse()),
    reveal: (_reveal, fresh) => fresh(),
    remark: undefined,
  }
}

function keptInput({ tool }: Reading, kept: Json): CallInput {
  return {
    callDigest: inputDigest(tool.name, kept),
    kept,
    give: () => copyJson(kept),
    reveal: (reveal, fresh) => mend(kept, fresh(), reveal),
    remark: undefined,
  }
}

function anewInput({ call, tool, parse }: Reading, restored: unknown, first: unknown): CallInput {
  const decodeAnew = (): unknown => {
    const decoded = tool.input.decodeHidden(parse())
    return decoded.ok ? decoded.value : undefined
  }
  const copy = copyValue(first)
  const unused = [first]
  let revealed: { readonly value: unknown } | undefined
  const isPure = isDeepStrictEqual(first, decodeAnew())
  return {
    callDigest: inputDigest(tool.name, restored, true),
    kept: undefined,
    give: () => unused.pop() ?? (copy ? copyValue(copy.value)?.value : decodeAnew()),
    reveal: (_reveal, fresh) => {
      revealed ??= copyValue(fresh())
      return revealed ? copyValue(revealed.value)?.value : fresh()
    },
    remark: isPure
      ? undefined
      : {
          about: `Tool "${tool.name}": its input schema is impure`,
          line:
            `Tool "${tool.name}": its input schema gives something else each time that it is asked, and more than JSON can say, so that ` +
            `a journal cannot keep it: after a crash the same call (${call.name}) may be given other arguments under the same idempotency ` +
            `key. Let the schema give plain JSON, or make what is new in execute, of the idempotencyKey.`,
        },
  }
}

/** Puts secrets into what was recorded with their tokens: as the schema makes them, where it keeps them in their places. */
function mend(kept: Json, fresh: unknown, reveal: Reveal): unknown {
  if (typeof kept === 'string') {
    const text = reveal(kept)
    return text === kept ? kept : typeof fresh === 'string' ? fresh : text
  }
  if (typeof kept !== 'object' || kept === null) return kept
  if (isList(kept)) return kept.map((item, at) => mend(item, isList(fresh) ? fresh[at] : undefined, reveal))
  const other = typeof fresh === 'object' && fresh !== null ? (fresh as Readonly<Record<string, unknown>>) : {}
  return Object.fromEntries(
    Object.entries(kept).flatMap(([name, member]) => {
      // A key that is no secret place keeps its token.
      const key = Object.hasOwn(other, name) ? name : reveal(name)
      return member === undefined ? [] : [[key, mend(member, other[key], reveal)]]
    }),
  )
}

function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value)
}
