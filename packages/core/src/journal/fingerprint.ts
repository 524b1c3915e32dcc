// Fingerprints of what was asked: of a model, of a tool, of a child (invariant 4). Those who decide and those who walk
// a journal compute the same, and compare. Pure; what a fingerprint is made of is a part of the stored format.
import type { ToolCard } from '../contracts/model.ts'
import { type Digest, digest } from '../values/digest.ts'
import { findUnjson } from '../values/json.ts'
import { sortedJson } from '../values/sorted-json.ts'
import { toJson } from '../values/to-json.ts'

/**
 * The fingerprint of a request to a model: who is asked, over which conversation (invariant 4).
 *
 * @param heard the fingerprint of the request before, if any, and the digests of all that was heard since.
 */
export function askDigest(heard: string): Digest {
  return digest(heard)
}

/**
 * The fingerprint of a call in a journal of the first format: the tool's name and its parsed arguments, as far as JSON can
 * say them. There it is that of a child too: its definition's name, and what its code gives it.
 */
export function callDigest(name: string, input: unknown): Digest {
  return digest(`${name} ${sayInput(input)}`)
}

/**
 * The fingerprint of a call: the tool's name and what it is given, in whatever order its keys come.
 *
 * @param anew whether its input is not what is said here, but what the schema makes of it in each process.
 */
export function inputDigest(name: string, input: unknown, anew = false): Digest {
  return digest(`${anew ? `${name} anew` : name} ${sortedJson(input)}`)
}

/** The fingerprint of what a workflow's code gives a child or its next round, in whatever order its keys come. */
export function givenDigest(name: string, given: unknown): Digest {
  return findUnjson(given) ? callDigest(name, given) : inputDigest(name, given)
}

/** Says parsed arguments, of which a schema may make more than JSON has: `5n`. */
export function sayInput(input: unknown): string {
  try {
    return JSON.stringify(input)
  } catch {
    return sayOdd(input)
  }
}

/** A function that looks at each value takes several times as long; a circle can be said by neither. */
function sayOdd(input: unknown): string {
  try {
    return JSON.stringify(input, sayBigint)
  } catch {
    return JSON.stringify(toJson(input).json)
  }
}

const tools = new WeakMap<object, Digest>()

/** The digest of what a tool does to the world and takes: what an approval binds to beside the arguments. */
export function toolDigest(tool: {
  readonly name: string
  readonly effect: string
  readonly card: Pick<ToolCard, 'parameters'>
}): Digest {
  let known = tools.get(tool)
  if (known === undefined)
    tools.set(tool, (known = digest(JSON.stringify([tool.name, tool.effect, tool.card.parameters]))))
  return known
}

function sayBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}
