import type { JsonSchema } from '../../contracts/schema.ts'
import { isMixed } from './all-of.ts'
import { annotate, inWords } from './annotate.ts'
import { setApart } from './apart.ts'
import { wordsBeside } from '../raw/beside.ts'
import { follow, pointerOf } from '../raw/follow.ts'
import { isGrounded } from './grounded.ts'
import { isObject, type Raw } from '../raw/raw.ts'
import { refuse } from './refuse.ts'
import type { Restore, Said, Speaker } from './said.ts'
import { sayPart } from './say.ts'

/** What references name. Its translation comes after the first mention, so that it may mention itself. */
interface Definition {
  readonly ref: string
  /** Where it is first mentioned. */
  readonly path: string
  said?: Said
  /** The value that is being restored, for what is an alternative of itself. */
  value?: unknown
}

/** The most copies of what several places refer to. A schema of more, without definitions, is over a limit by far. */
const MOST_COPIES = 10_000

/** A translation has made more copies than anybody wants; with definitions in their stead it may be small. */
export class TooManyCopies extends Error {}

/** What errors call a schema, and the library that it is of. */
export type Named = Pick<Speaker, 'where' | 'vendor'>

/** One translation of one schema into strict form. Keeps the definitions that references ask for. */
export class Translation implements Speaker {
  readonly where: string
  readonly vendor: string
  readonly root: Raw
  /** Whether everything that is referred to becomes a definition, where else only shared places do. */
  readonly #shares: boolean
  readonly #rootRef: string
  /** By the pointer that stands in the schema as it was given, or by what is put together of several. */
  readonly #definitions = new Map<string | Raw, Definition>()
  /** By the reference to each in strict form. */
  readonly #byRef = new Map<string, Definition>()
  /** What is being put together of several. */
  readonly #combining = new Set<Raw>()
  readonly #apart = new Map<Raw, Raw>()
  readonly #pairs = new Map<Raw, Map<Raw, Raw>>()
  readonly #circular = new Map<string, boolean>()
  #copies = 0
  #differs = false

  constructor(root: Raw, { where, vendor }: Named, rootRef: string, shares: boolean) {
    this.root = root
    this.where = where
    this.vendor = vendor
    this.#rootRef = rootRef
    this.#shares = shares
  }

  /**
   * Says the whole, with its definitions. The way back is left out where values never differ.
   *
   * @throws TooManyCopies where it would be very large without more definitions.
   */
  run(): Said {
    const whole = this.apart(this.root, '')
    const ref = whole['$ref']
    const isReference = typeof ref === 'string' && !isMixed(whole) && whole['secret'] !== true
    const said = isReference ? this.#inPlace(pointerOf(this.root, ref), whole, '') : sayPart(whole, '', this)
    const empty = this.#all().find(({ ref: $ref }) => !isGrounded({ $ref }, this.follow))
    if (empty) throw refuse(this, empty.path, 'refers to nothing but itself', 'Say what it is.')
    return { json: { ...said.json, ...this.#defs() }, restore: this.#differs ? said.restore : undefined }
  }

  readonly say = (given: unknown, path: string): Said => {
    if (!isObject(given)) return sayPart(given, path, this)
    const raw = this.apart(given, path)
    const { $ref: ref } = raw
    if (isMixed(raw)) return this.#combine(raw, path)
    if (typeof ref !== 'string' || raw['secret'] === true) return sayPart(raw, path, this)
    const pointer = pointerOf(this.root, ref)
    if (!this.#shares && !isShared(pointer) && !this.#isCircular(pointer)) return this.#inPlace(pointer, raw, path)
    const said = this.#mention(this.#definitions.get(pointer) ?? this.#define(pointer, path))
    return { ...said, json: annotate(said.json, this.#withBounds(raw, pointer)) }
  }

  readonly apart = (raw: Raw, path: string): Raw => {
    const known = this.#apart.get(raw) ?? setApart(raw, path, this)
    this.#apart.set(raw, known)
    return known
  }

  readonly pair = (one: Raw, other: Raw): Raw => {
    const pairs = this.#pairs.get(one) ?? new Map<Raw, Raw>()
    const known = pairs.get(other) ?? { allOf: [one, other] }
    this.#pairs.set(one, pairs.set(other, known))
    return known
  }

  readonly follow = (ref: string): JsonSchema | undefined => this.#byRef.get(ref)?.said?.json

  readonly differs = (): void => {
    this.#differs = true
  }

  /** Says what a pointer points at as if it stood here. */
  #inPlace(pointer: string, raw: Raw, path: string): Said {
    this.#count()
    const said = this.say(this.#target(pointer, path), path)
    const beside = this.#withBounds(raw, pointer)
    const { description } = said.json
    // What is said of the one that is referred to is said here too.
    const words = description === undefined || description === beside['description'] ? [] : [description]
    const isSilent = beside['description'] === undefined
    return { ...said, json: annotate(said.json, isSilent ? beside : inWords(beside, words)) }
  }

  #withBounds(raw: Raw, pointer: string): Raw {
    return inWords(raw, wordsBeside(raw, follow(this.root, pointer)))
  }

  /** Says what must all hold at once. What comes again inside itself becomes a definition, as copies would never end. */
  #combine(raw: Raw, path: string): Said {
    this.#count()
    const known = this.#definitions.get(raw)
    if (known) return this.#mention(known)
    if (this.#combining.has(raw)) return this.#mention(this.#reserve(raw, nameOfPath(path), path))
    this.#combining.add(raw)
    const reserved = this.#shares ? this.#reserve(raw, nameOfPath(path), path) : undefined
    const said = sayPart(raw, path, this)
    this.#combining.delete(raw)
    const definition = reserved ?? this.#definitions.get(raw)
    if (!definition) return said
    definition.said = said
    return this.#mention(definition)
  }

  #count(): void {
    if (++this.#copies > MOST_COPIES && !this.#shares) throw new TooManyCopies()
  }

  #mention(definition: Definition): Said {
    const restore: Restore = (value, restoring) => {
      if (!definition.said?.restore) return value
      const { value: above } = definition
      if (above !== undefined && above === value) return undefined
      definition.value = value
      const restored = definition.said.restore(value, restoring)
      definition.value = above
      return restored
    }
    return { json: { $ref: definition.ref }, restore, isJsonText: definition.said?.isJsonText }
  }

  #define(pointer: string, path: string): Definition {
    const definition = this.#reserve(pointer, nameOf(pointer), path)
    definition.said = this.say(this.#target(pointer, path), path)
    return definition
  }

  #reserve(key: string | Raw, name: string, path: string): Definition {
    const definition: Definition = { ref: key === '#' ? this.#rootRef : this.#freeRef(name), path }
    this.#definitions.set(key, definition)
    this.#byRef.set(definition.ref, definition)
    return definition
  }

  #freeRef(name: string): string {
    const ref = `#/$defs/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    return this.#rootRef === ref || this.#byRef.has(ref) ? this.#freeRef(`${name}_`) : ref
  }

  #all(): readonly Definition[] {
    return [...this.#definitions.values()]
  }

  #defs(): { $defs?: Record<string, JsonSchema> } {
    const named = this.#all().filter(({ ref }) => ref !== '#')
    if (named.length === 0) return {}
    return { $defs: Object.fromEntries(named.map(({ ref, said }) => [nameOf(ref), said?.json ?? {}])) }
  }

  #target(pointer: string, path: string): unknown {
    const target = follow(this.root, pointer)
    if (target === undefined) throw refuse(this, path, `refers to nothing by ${pointer}`, 'Write it in place.')
    return target
  }

  /** Tells whether what a pointer points at mentions itself, also through others. */
  #isCircular(pointer: string): boolean {
    const known = this.#circular.get(pointer) ?? this.#reaches(pointer, pointer)
    this.#circular.set(pointer, known)
    return known
  }

  #reaches(from: string, pointer: string, seen = new Set<string>()): boolean {
    if (seen.has(from)) return false
    seen.add(from)
    const mentioned = refsIn(follow(this.root, from)).map((ref) => pointerOf(this.root, ref))
    return mentioned.includes(pointer) || mentioned.some((next) => this.#reaches(next, pointer, seen))
  }
}

/** Whoever puts a schema among the definitions means it to stand there; other places are only repeated. */
function isShared(pointer: string): boolean {
  return pointer === '#' || /^#\/(?:\$defs|definitions)\/[^/]+$/.test(pointer)
}

function refsIn(raw: unknown): readonly string[] {
  if (typeof raw !== 'object' || raw === null) return []
  return Object.entries(raw).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value] : refsIn(value),
  )
}

/** Names a definition after the last part of its pointer that is a name and no keyword or number. */
function nameOf(pointer: string): string {
  const [, shared] = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(pointer) ?? []
  const names = pointer
    .split('/')
    .slice(1)
    .filter((part) => !/^(?:properties|items|anyOf|oneOf|allOf|additionalProperties|\d+)$/.test(part))
  return (shared ?? names.at(-1) ?? 'part').replaceAll('~1', '/').replaceAll('~0', '~')
}

/** Names a definition that no pointer names after the last name of its path. */
function nameOfPath(path: string): string {
  return /[\w$]+(?=\W*$)/.exec(path)?.[0] ?? 'part'
}
