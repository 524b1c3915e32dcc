import { DefinitionError } from '@reprise/core'
import type { Scorer } from '../define/scorer.ts'
import { canonical } from '../seen/canonical.ts'
import { outputOf } from './output.ts'

/** How one field is compared. */
export interface FieldOptions {
  /** How far a number may be off, 0 or more, in its own unit. @default 0 */
  readonly tolerance?: number
  /** Makes a value that compares as the same for what counts as the same: of a date, say, or of a name in capitals. */
  readonly normalize?: (value: unknown) => unknown
}

/**
 * Scores the share of fields that are as the row expects. A field is a path of members and places: `total`, `lines.0.amount`.
 *
 * @param paths the fields, or how each is compared. @default those of the row's `expected` at its top
 * @throws DefinitionError `bad_scorer` at a tolerance below 0.
 * @example
 * ```ts
 * import { fields } from '@reprise/evals'
 *
 * const scorers = { fields: fields({ total: { tolerance: 0.01 }, currency: {}, 'customer.name': { normalize: String } }) }
 * ```
 */
export function fields(paths?: readonly string[] | Readonly<Record<string, FieldOptions>>): Scorer {
  const given = paths && (isList(paths) ? Object.fromEntries(paths.map((path) => [path, {}])) : paths)
  for (const [path, { tolerance = 0 }] of Object.entries<FieldOptions>(given ?? {}))
    if (!(tolerance >= 0))
      throw new DefinitionError({
        code: 'bad_scorer',
        message: `The field "${path}" has the tolerance ${tolerance}. Give 0 or more.`,
      })
  return ({ row, run }) => {
    const { output, why } = outputOf(run)
    if (why !== undefined) return { score: 0, why }
    const asked = Object.entries<FieldOptions>(given ?? membersOf(row.expected))
    if (asked.length === 0) return { score: null, why: 'nothing is expected' }
    const wrong = asked.flatMap(([path, options]) => {
      const [said, wanted] = [at(output, path), at(row.expected, path)]
      return same(said, wanted, options) ? [] : [`${path}: expected ${canonical(wanted)}, and it is ${canonical(said)}`]
    })
    const score = (asked.length - wrong.length) / asked.length
    return wrong.length === 0 ? score : { score, why: wrong.join('; ') }
  }
}

function isList(paths: readonly string[] | Readonly<Record<string, FieldOptions>>): paths is readonly string[] {
  return Array.isArray(paths)
}

function membersOf(expected: unknown): Readonly<Record<string, FieldOptions>> {
  if (typeof expected !== 'object' || expected === null) return {}
  return Object.fromEntries(Object.keys(expected).map((name) => [name, {}]))
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((held, name) => {
    if (typeof held !== 'object' || held === null || !Object.hasOwn(held, name)) return undefined
    return (held as Readonly<Record<string, unknown>>)[name]
  }, value)
}

function same(said: unknown, wanted: unknown, { tolerance = 0, normalize = (it) => it }: FieldOptions): boolean {
  const [one, other] = [normalize(said), normalize(wanted)]
  // Half a unit of the last place is no difference: 0.1 + 0.2 is 0.3 within 0.
  if (typeof one === 'number' && typeof other === 'number')
    return Math.abs(one - other) <= tolerance + Number.EPSILON * Math.max(Math.abs(one), Math.abs(other))
  return canonical(one) === canonical(other)
}
