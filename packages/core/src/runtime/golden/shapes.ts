// Checks of values from outside: each gives undefined where the value is what it must be, else where it is not and what
// stands there, as `.reply.items[0].text is nothing`.
import { isObject, sayGiven } from '../../define/argument.ts'
import { isMoment } from '../../values/moment.ts'

/** Says what is wrong with a value, from its place on. */
export type Shape = (value: unknown) => string | undefined

function is(fits: (value: unknown) => boolean): Shape {
  return (value) => (fits(value) ? undefined : ` is ${sayGiven(value)}`)
}

/** Whatever JSON can say. */
export const anything: Shape = () => undefined
export const text = is((value) => typeof value === 'string')
export const yesOrNo = is((value) => typeof value === 'boolean')
export const whole = is((value) => Number.isSafeInteger(value))
export const count = is((value) => Number.isSafeInteger(value) && (value as number) >= 0)
export const moment = is((value) => typeof value === 'number' && isMoment(value))
export const object = is((value) => isObject(value) && !Array.isArray(value))

/** One of a few values. */
export function oneOf(...values: readonly unknown[]): Shape {
  return is((value) => values.includes(value))
}

/** What may be absent. */
export function optional(shape: Shape): Shape {
  return (value) => (value === undefined ? undefined : shape(value))
}

export function nullable(shape: Shape): Shape {
  return (value) => (value === null ? undefined : shape(value))
}

export function list(shape: Shape): Shape {
  return (value) => {
    if (!Array.isArray(value)) return ` is ${sayGiven(value)}`
    for (const [at, item] of (value as readonly unknown[]).entries()) {
      const wrong = shape(item)
      if (wrong !== undefined) return `[${at}]${wrong}`
    }
    return undefined
  }
}

/** An object that has these members; what else it has is not looked at. */
export function record(shapes: Readonly<Record<string, Shape>>): Shape {
  const members = Object.entries(shapes)
  return (value) => {
    if (!isObject(value)) return ` is ${sayGiven(value)}`
    for (const [name, shape] of members) {
      const wrong = shape(Object.hasOwn(value, name) ? value[name] : undefined)
      if (wrong !== undefined) return `.${name}${wrong}`
    }
    return undefined
  }
}

/** An object of one of several forms, which the member `by` tells apart. */
export function union(by: string, forms: Readonly<Record<string, Shape>>): Shape {
  return (value) => {
    if (!isObject(value)) return ` is ${sayGiven(value)}`
    const kind = value[by]
    const form = typeof kind === 'string' && Object.hasOwn(forms, kind) ? forms[kind] : undefined
    return form ? form(value) : `.${by} is ${sayGiven(kind)}`
  }
}
