import type { AgentCard, ToolCard } from '../contracts/model.ts'
import type { Holding } from '../contracts/entry.ts'
import { type Digest, digest, digestNext } from '../words/digest.ts'

const digests = new WeakMap<AgentCard, Digest>()

/** The digest of an agent as the model is shown it; each card is hashed once. */
export function cardDigest(card: AgentCard): Digest {
  let known = digests.get(card)
  if (known === undefined) digests.set(card, (known = digest(JSON.stringify(card))))
  return known
}

/** The digest of who is asked: the card and the instructions. */
export function holdingDigest({ card, instructions }: Holding): Digest {
  return digestNext(cardDigest(card), digest(instructions))
}

/** The fingerprint of a request to a model: who is asked, over which conversation (invariant 4). */
export function askDigest(holding: Digest, heard: Digest): Digest {
  return digestNext(holding, heard)
}

/** The fingerprint of a call: the tool's name and its parsed arguments, as far as JSON can say them. */
export function callDigest(name: string, input: unknown): Digest {
  return digest(`${name} ${JSON.stringify(input, sayBigint)}`)
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

/** Lets JSON say bigints: `5n`. */
export function sayBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}
