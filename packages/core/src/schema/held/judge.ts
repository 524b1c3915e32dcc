// Holds a value against a JSON Schema as it was given: for what its strict form cannot say and its library may not check.
import { cut } from '../../values/cut.ts'
import { breaksBound, breaksType } from './bounds.ts'
import { Answers } from '../raw/answers.ts'
import { follow } from '../raw/follow.ts'
import { dependentsOf, itemAt, membersOf } from '../raw/members.ts'
import { phraseOf } from './phrase.ts'
import { isList, isObject, type Raw } from '../raw/raw.ts'

/** Where a value breaks a schema, and how. */
export interface Fault {
  /** From the value to the place. */
  readonly keys: readonly PropertyKey[]
  /** One sentence without its subject and its end: `must be at least 3`. */
  readonly message: string
}

type Verdict = Fault | undefined

/** Stands for the fault of a value by the very schema that it is being held to: an alternative of itself is no other. */
const ITSELF: Fault = { keys: [], message: 'must be more than what refers to itself' }

/** One judgement of one value. Remembers what it has judged, so that alternatives within alternatives stay cheap. */
export class Judge {
  readonly #root: Raw
  readonly #answers = new Answers<Verdict>(ITSELF, (verdict) => verdict !== undefined)

  /** @param root what references point into. */
  constructor(root: Raw) {
    this.#root = root
  }

  /** Finds where a value breaks a schema. */
  readonly faultIn = (raw: unknown, value: unknown): Verdict => {
    if (raw === false) return { keys: [], message: 'must not be given' }
    return isObject(raw) ? this.#answers.ask(raw, value, () => this.#judge(raw, value)) : undefined
  }

  #judge(raw: Raw, value: unknown): Verdict {
    const broken = breaksType(raw, value) ?? breaksBound(raw, value)
    if (broken !== undefined) return { keys: [], message: broken }
    return (
      this.#judgeParts(raw, value) ??
      this.#judgeChoice(raw, value) ??
      (isList(value) ? this.#judgeItems(raw, value) : isObject(value) ? this.#judgeMembers(raw, value) : undefined)
    )
  }

  /** What must hold, may not hold, or holds on a condition. */
  #judgeParts(raw: Raw, value: unknown): Verdict {
    const { $ref, allOf, not, if: condition } = raw
    const target = typeof $ref === 'string' ? this.faultIn(follow(this.#root, $ref), value) : undefined
    const fault = target ?? first(isList(allOf) ? allOf : [], (part) => this.faultIn(part, value))
    if (fault) return fault
    if (not !== undefined && !this.faultIn(not, value))
      return { keys: [], message: `must not be ${phraseOf(not, this.#root)}` }
    if (condition === undefined) return undefined
    const holds = !this.#breaks(condition, value)
    const broken = this.#breaks(holds ? raw['then'] : raw['else'], value)
    if (!broken) return undefined
    const why = `${holds ? 'if it is' : 'unless it is'} ${phraseOf(condition, this.#root)}`
    return { ...broken, message: `${broken.message}, ${why}` }
  }

  /** As `faultIn`; a condition of itself, and what itself is to hold on a condition, say nothing more. */
  #breaks(raw: unknown, value: unknown): Verdict {
    const fault = this.faultIn(raw, value)
    return fault === ITSELF ? undefined : fault
  }

  #judgeChoice({ anyOf, oneOf }: Raw, value: unknown): Verdict {
    if (isList(anyOf)) {
      const faults = this.#faultsOf(anyOf, value)
      if (faults.length === anyOf.length) return faultOfNone(faults)
    }
    if (!isList(oneOf)) return undefined
    const faults = this.#faultsOf(oneOf, value)
    if (faults.length === oneOf.length) return faultOfNone(faults)
    return faults.length < oneOf.length - 1
      ? { keys: [], message: `must be only one of: ${oneOf.map((one) => phraseOf(one, this.#root)).join('; ')}` }
      : undefined
  }

  #faultsOf(branches: readonly unknown[], value: unknown): readonly Fault[] {
    return branches.flatMap((branch) => this.faultIn(branch, value) ?? [])
  }

  #judgeItems(raw: Raw, value: readonly unknown[]): Verdict {
    const { contains, minContains, maxContains } = raw
    const fault = first(value, (item, at) => under(at, this.faultIn(itemAt(raw, at), item)))
    if (fault || contains === undefined) return fault
    const count = value.filter((item) => !this.faultIn(contains, item)).length
    const [least, most] = [numberOr(minContains, 1), numberOr(maxContains, Infinity)]
    if (count >= least && count <= most) return undefined
    const bound = count < least ? `at least ${least}` : `at most ${most}`
    return { keys: [], message: `must have ${bound} items that are ${phraseOf(contains, this.#root)}` }
  }

  #judgeMembers(raw: Raw, value: Raw): Verdict {
    const names = Object.keys(value)
    return (
      first(isList(raw['required']) ? raw['required'] : [], (name) => missing(value, String(name))) ??
      first(names, (name) => under(name, this.#judgeMember(raw, name, value[name]))) ??
      first(names, (name) => under(name, this.faultIn(raw['propertyNames'], name))) ??
      first(dependentsOf(raw), ([name, needed]) => {
        if (!Object.hasOwn(value, name)) return undefined
        const fault = isList(needed)
          ? first(needed, (other) => missing(value, String(other)))
          : this.#breaks(needed, value)
        return fault && { ...fault, message: `${fault.message}, as "${name}" is given` }
      })
    )
  }

  #judgeMember(raw: Raw, name: string, value: unknown): Verdict {
    return first(membersOf(raw, name), (member) => this.faultIn(member, value))
  }
}

/** The most characters of what alternatives ask together: they may stand within alternatives of their own. */
const LONGEST = 600

/** Of what no alternative takes, the fault of the one that got furthest, where there is one; else all of them. */
export function faultOfNone(all: readonly Fault[]): Fault {
  const faults = [...new Set(all)].filter((fault) => fault !== ITSELF)
  if (faults.length === 0 && all.length > 0) return ITSELF
  const most = faults.reduce((longest, { keys }) => Math.max(longest, keys.length), 0)
  const [only, ...more] = faults.filter(({ keys }) => keys.length === most)
  return only && more.length === 0
    ? only
    : {
        keys: [],
        message: cut(`must fit one of several shapes: ${[...new Set(faults.map(placed))].join('; ')}`, LONGEST),
      }
}

function placed({ keys, message }: Fault): string {
  return `${keys.length > 0 ? keys.map(String).join('.') : 'it'} ${message}`
}

function missing(value: Raw, name: string): Verdict {
  return Object.hasOwn(value, name) ? undefined : { keys: [name], message: 'must be given' }
}

function under(key: PropertyKey, fault: Verdict): Verdict {
  return fault && { ...fault, keys: [key, ...fault.keys] }
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}

function first<T>(items: readonly T[], find: (item: T, at: number) => Verdict): Verdict {
  for (const [at, item] of items.entries()) {
    const fault = find(item, at)
    if (fault) return fault
  }
  return undefined
}
