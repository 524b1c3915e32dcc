import type { JsonSchema } from '../contracts/schema.ts'
import { annotate } from './annotate.ts'
import { follow, isObject, type Raw } from './raw.ts'
import { refuse } from './refuse.ts'
import type { Restore, Said, Speaker } from './said.ts'
import { sayPart } from './say.ts'

/** What references name. Its translation comes after the first mention, so that it may mention itself. */
interface Definition {
  readonly ref: string
  said?: Said
}

/** One translation of one schema into strict form. Keeps the definitions that references ask for. */
export class Translation implements Speaker {
  readonly where: string
  readonly root: Raw
  readonly #rootRef: string
  /** By the pointer that stands in the schema as it was given. */
  readonly #definitions = new Map<string, Definition>()
  #differs = false

  constructor(root: Raw, where: string, rootRef: string) {
    this.root = root
    this.where = where
    this.#rootRef = rootRef
  }

  /** Says the whole, with its definitions. The way back is left out where values never differ. */
  run(): Said {
    const pointer = this.root['$ref']
    const said = typeof pointer === 'string' ? this.#inPlace(pointer, this.root, '') : sayPart(this.root, '', this)
    return { json: { ...said.json, ...this.#defs() }, restore: this.#differs ? said.restore : undefined }
  }

  readonly say = (raw: unknown, path: string): Said => {
    const pointer = isObject(raw) ? raw['$ref'] : undefined
    if (!isObject(raw) || typeof pointer !== 'string') return sayPart(raw, path, this)
    if (!isShared(pointer) && !this.#reaches(pointer, pointer)) return this.#inPlace(pointer, raw, path)
    const said = this.#mention(pointer, path)
    return { ...said, json: annotate(said.json, raw) }
  }

  readonly follow = (ref: string): JsonSchema | undefined =>
    this.#all().find((definition) => definition.ref === ref)?.said?.json

  readonly differs = (): void => {
    this.#differs = true
  }

  /** Says what a pointer points at as if it stood here. */
  #inPlace(pointer: string, raw: Raw, path: string): Said {
    const said = this.say(this.#target(pointer, path), path)
    return { ...said, json: annotate(said.json, raw) }
  }

  #mention(pointer: string, path: string): Said {
    const definition = this.#definitions.get(pointer) ?? this.#define(pointer, path)
    const restore: Restore = (value, repeats) =>
      definition.said?.restore ? definition.said.restore(value, repeats) : value
    return { json: { $ref: definition.ref }, restore }
  }

  #define(pointer: string, path: string): Definition {
    const definition: Definition = { ref: pointer === '#' ? this.#rootRef : this.#freeRef(nameOf(pointer)) }
    this.#definitions.set(pointer, definition)
    definition.said = this.say(this.#target(pointer, path), path)
    return definition
  }

  #freeRef(name: string): string {
    const ref = `#/$defs/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    return this.#rootRef === ref || this.#all().some((other) => other.ref === ref) ? this.#freeRef(`${name}_`) : ref
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
    if (target === undefined) throw refuse(this.where, path, `refers to nothing by ${pointer}`, 'Write it in place.')
    return target
  }

  /** Tells whether what a pointer points at mentions, itself or through others, another pointer. */
  #reaches(from: string, pointer: string, seen = new Set<string>()): boolean {
    if (seen.has(from)) return false
    seen.add(from)
    const mentioned = pointersIn(follow(this.root, from))
    return mentioned.includes(pointer) || mentioned.some((next) => this.#reaches(next, pointer, seen))
  }
}

/** Whoever puts a schema among the definitions means it to stand there; other places are only repeated. */
function isShared(pointer: string): boolean {
  return pointer === '#' || /^#\/(?:\$defs|definitions)\/[^/]+$/.test(pointer)
}

function pointersIn(raw: unknown): readonly string[] {
  if (typeof raw !== 'object' || raw === null) return []
  return Object.entries(raw).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value] : pointersIn(value),
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
