// Places of JSON values by their paths, and where two values differ. Pure.
import { type Json, setMember } from '../../values/json.ts'

/** Paths of places, as `items[].note` or `items["a.b"]`: `[]` stands for every index. */
export type Places = ReadonlySet<string>

/** A place that is not the same: a side that does not have it leaves it away. */
export interface FieldChange {
  /** As in `items[0].price`, with names quoted that read as paths, as in `prices["a.b"]`; '' for the whole. */
  readonly path: string
  readonly recorded?: Json
  readonly candidate?: Json
}

/** What came of holding two values against each other. */
export interface FieldDifferences {
  /** The places on either side that hold text, numbers, true, false, null, or nothing within them. */
  readonly of: number
  readonly same: number
  readonly changes: readonly FieldChange[]
  /** Whether they differ at places that are ignored. */
  readonly reworded: boolean
}

/** A value without some places. One that has none of them is given back. */
export function without(value: Json, places: Places): Json {
  return places.size === 0 ? value : (cut(value, places, '') ?? null)
}

function cut(value: Json, places: Places, path: string): Json | undefined {
  if (places.has(path)) return undefined
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map((item) => cut(item, places, `${path}[]`) ?? null)
  const kept: Record<string, Json> = {}
  for (const [name, member] of Object.entries(value)) {
    const part = member === undefined ? undefined : cut(member, places, memberPath(path, name))
    if (part !== undefined) setMember(kept, name, part)
  }
  return kept
}

/** Where two values differ. */
export function differences(recorded: Json, candidate: Json, ignored: Places): FieldDifferences {
  const [before, after] = [leavesOf(recorded), leavesOf(candidate)]
  const changes: FieldChange[] = []
  let [of, same, reworded] = [0, 0, false]
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(path), after.get(path)]
    const alike = was !== undefined && is !== undefined && was.text === is.text
    if (isWithin(path, ignored)) {
      reworded ||= !alike
      continue
    }
    of++
    if (alike) same++
    else changes.push({ path, ...(was && { recorded: was.value }), ...(is && { candidate: is.value }) })
  }
  return { of, same, changes, reworded }
}

interface Leaf {
  readonly value: Json
  readonly text: string
}

function leavesOf(value: Json): ReadonlyMap<string, Leaf> {
  const leaves = new Map<string, Leaf>()
  gather(value, '', leaves)
  return leaves
}

function gather(value: Json, path: string, leaves: Map<string, Leaf>): void {
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : []
  if (members.length === 0) leaves.set(path, { value, text: JSON.stringify(value) })
  for (const [name, member] of members)
    if (member !== undefined) gather(member, Array.isArray(value) ? `${path}[${name}]` : memberPath(path, name), leaves)
}

/** A name that reads as a path itself is quoted: `items["a.b"]` is another place than `items.a.b`. */
function memberPath(path: string, name: string): string {
  if (name === '' || /[.[\]"]/.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === '' ? name : `${path}.${name}`
}

/** Whether a place, or one that it stands within, is one of some. */
function isWithin(path: string, places: Places): boolean {
  if (places.size === 0) return false
  const any = anyIndex(path)
  return [...places].some((place) => any === place || any.startsWith(`${place}.`) || any.startsWith(`${place}[`))
}

/** A path with every index left away. What stands in quotes is a name. */
export function anyIndex(path: string): string {
  return path.replaceAll(/"(?:[^"\\]|\\.)*"|\[\d+\]/g, (part) => (part.startsWith('"') ? part : '[]'))
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
