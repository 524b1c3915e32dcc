import { createHash } from 'node:crypto'

/** Makes the ids of one response: they follow from what was asked and from how often that was asked before. */
export type MakeId = (prefix: 'resp' | 'msg' | 'fc' | 'call' | 'req', index?: number) => string

/**
 * Makes ids that are the same in each run of a test, whatever the order in which parallel requests come in: the seed,
 * the request's text and its count decide. Asking again brings new ids, as it does on the platform.
 */
export function idMaker(seed: number): (asked: string) => MakeId {
  const counts = new Map<string, number>()
  return (asked) => {
    const mark = createHash('sha256').update(asked).digest('base64url')
    const count = (counts.get(mark) ?? 0) + 1
    counts.set(mark, count)
    return (prefix, index = 0) => {
      const name = createHash('sha256').update(`${seed} ${mark} ${count} ${prefix} ${index}`).digest('hex')
      return `${prefix}_${name.slice(0, prefix === 'call' ? 24 : 48)}`
    }
  }
}
