// What a reference inside a schema means. Pointers are kept as they were written where that leads somewhere.
import { isObject, type Raw } from './raw.ts'

/** Gives what a reference inside a schema (`#`, `#/$defs/Node`, `#node`) points at, or undefined. */
export function follow(root: Raw, ref: string): unknown {
  const keys = keysOf(root, ref)
  return keys?.reduce<unknown>((place, key) => (place as Raw)[key], root)
}

/** Gives a reference as a pointer from the root: anchors by where they stand, percent-encoded keys as they are. */
export function pointerOf(root: Raw, ref: string): string {
  return keysOf(root, ref)?.reduce((pointer, key) => `${pointer}/${escaped(key)}`, '#') ?? ref
}

function keysOf(root: Raw, ref: string): readonly string[] | undefined {
  if (ref === '#') return []
  if (!ref.startsWith('#')) return undefined
  if (!ref.startsWith('#/')) return anchorsOf(root).get(decoded(ref.slice(1)))
  const keys: string[] = []
  let place: unknown = root
  for (const segment of ref.slice(2).split('/')) {
    const key = [segment, decoded(segment)].map(unescaped).find((name) => isIn(place, name))
    if (key === undefined) return undefined
    keys.push(key)
    place = (place as Raw)[key]
  }
  return keys
}

function isIn(place: unknown, key: string): boolean {
  return typeof place === 'object' && place !== null && Object.hasOwn(place, key)
}

const anchors = new WeakMap<Raw, ReadonlyMap<string, readonly string[]>>()

/** The places of a schema that have names of their own, looked for once. */
function anchorsOf(root: Raw): ReadonlyMap<string, readonly string[]> {
  let found = anchors.get(root)
  if (!found) anchors.set(root, (found = new Map([...anchored(root, [])].toReversed())))
  return found
}

function* anchored(place: unknown, keys: readonly string[]): Generator<[anchor: string, keys: readonly string[]]> {
  if (typeof place !== 'object' || place === null) return
  if (isObject(place)) for (const anchor of namesOf(place)) yield [anchor, keys]
  for (const [key, inner] of Object.entries(place)) yield* anchored(inner, [...keys, key])
}

/** Older drafts write an anchor as an id that is a fragment. */
function namesOf({ $anchor, $dynamicAnchor, $id, id }: Raw): readonly string[] {
  const ids = [$id, id]
    .filter((name) => typeof name === 'string' && /^#[^/]/.test(name))
    .map((name) => String(name).slice(1))
  return [...[$anchor, $dynamicAnchor].filter((name) => typeof name === 'string'), ...ids]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A percent sign of its own, as libraries write it that do not encode.
    return text
  }
}

function unescaped(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~')
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
