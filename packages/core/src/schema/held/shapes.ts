import { sameJson } from '../../values/same-json.ts'
import { Answers } from '../raw/answers.ts'
import { follow } from '../raw/follow.ts'
import { itemAt, membersOf } from '../raw/members.ts'
import { isOfItsTypes } from '../raw/of-type.ts'
import { isList, isObject, type Raw } from '../raw/raw.ts'

/** Which shapes the parts of one value have: types, constants and what must be there, not bounds. */
export class Shapes {
  readonly #root: Raw
  /** An alternative of itself is no other. */
  readonly #answers = new Answers(false, (has) => !has)

  /** @param root what references point into. */
  constructor(root: Raw) {
    this.#root = root
  }

  /** Tells whether a value has the shape of a schema. */
  readonly has = (raw: unknown, value: unknown): boolean =>
    isObject(raw) ? this.#answers.ask(raw, value, () => this.#isOf(raw, value)) : raw !== false

  #isOf(raw: Raw, value: unknown): boolean {
    if (!isOfItsTypes(value, raw) || ('const' in raw && !sameJson(raw['const'], value))) return false
    const { $ref, allOf, anyOf, oneOf } = raw
    const isOne = (part: unknown): boolean => this.has(part, value)
    if (typeof $ref === 'string' && !isOne(follow(this.#root, $ref))) return false
    if (isList(allOf) && !allOf.every(isOne)) return false
    if (![anyOf, oneOf].every((list) => !isList(list) || list.some(isOne))) return false
    if (isList(value)) return value.every((item, at) => this.has(itemAt(raw, at), item))
    return !isObject(value) || this.#hasMembers(raw, value)
  }

  #hasMembers(raw: Raw, value: Raw): boolean {
    const { required } = raw
    if (isList(required) && !required.every((name) => Object.hasOwn(value, String(name)))) return false
    return Object.entries(value).every(([name, inner]) =>
      membersOf(raw, name).every((member) => this.has(member, inner)),
    )
  }
}
