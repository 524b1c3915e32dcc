import { hash } from 'node:crypto'
import { RecentMap } from '../memory/recent-map.ts'

/** Whether an id has a dash or an underscore after its prefix, and how many hexadecimal digits. */
const shapes = {
  resp: ['_', 48],
  msg: ['_', 48],
  fc: ['_', 48],
  call: ['_', 24],
  req: ['_', 48],
  rs: ['_', 48],
  ws: ['_', 48],
  fs: ['_', 48],
  ci: ['_', 48],
  ig: ['_', 48],
  mcp: ['_', 48],
  mcpl: ['_', 48],
  mcpr: ['_', 48],
  ctc: ['_', 48],
  ctco: ['_', 48],
  cu: ['_', 48],
  sh: ['_', 48],
  sho: ['_', 48],
  lsh: ['_', 48],
  apc: ['_', 48],
  cmp: ['_', 48],
  item: ['_', 48],
  modr: ['-', 29],
  conv: ['_', 48],
  chatcmpl: ['-', 29],
  file: ['-', 22],
  batch: ['_', 48],
  batch_req: ['_', 48],
  fault: ['_', 16],
} as const

/** How many requests are remembered at least, to tell one that is made again. */
const REMEMBERED = 50_000

/** Makes the ids of one response: they follow from what was asked and from how often that was asked before. */
export type MakeId = (prefix: keyof typeof shapes, index?: number) => string

/**
 * Makes ids that are the same in each run of a test, whatever the order in which parallel requests come in: the seed,
 * the request's text and its count decide. Asking again brings new ids, as it does on the platform.
 */
export function idMaker(seed: number): (asked: string | Uint8Array) => MakeId {
  const counts = new RecentMap<number, number>(REMEMBERED)
  return (asked) => {
    const mark = hash('sha256', asked, 'base64url')
    // 48 bits of it tell the requests of one server apart, in a quarter of the room.
    const key = Buffer.from(mark.slice(0, 8), 'base64url').readUIntBE(0, 6)
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return (prefix, index = 0) => {
      const [separator, length] = shapes[prefix]
      const name = hash('sha256', `${seed} ${mark} ${count} ${prefix} ${index}`, 'hex')
      return `${prefix}${separator}${name.slice(0, length)}`
    }
  }
}
