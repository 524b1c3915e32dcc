// How ArkType is asked for a JSON Schema: by itself it says nothing of what JSON lacks, so that any value would do.
import { isList, type Raw, UNSAYABLE } from '../raw/raw.ts'

/** What ArkType made of a type so far, and what it could not say. */
interface Part {
  readonly base: Raw
  readonly domain?: string
  readonly proto?: { readonly name: string }
  readonly pattern?: string
  readonly unit?: unknown
}

const mark = (type: string): Raw => ({ [UNSAYABLE]: type })

/** A mark stands where no schema can be said; a check of the user's own, and a change, is ArkType's to make. */
export const ARKTYPE_OPTIONS = {
  fallback: {
    date: () => mark('date'),
    domain: ({ domain = 'custom' }: Part) => mark(domain),
    proto: ({ proto }: Part) =>
      mark(proto && /^(?:Map|Set|Date|File)$/.test(proto.name) ? proto.name.toLowerCase() : 'custom'),
    unit: ({ unit }: Part) => mark(unit === undefined ? 'undefined' : typeof unit === 'bigint' ? 'bigint' : 'literal'),
    symbolKey: () => mark('object'),
    arrayPostfix: () => mark('list with items after the rest'),
    patternIntersection: ({ base, pattern }: Part) => {
      const { allOf } = base
      return { ...base, allOf: [...(isList(allOf) ? allOf : []), { pattern }] }
    },
    predicate: ({ base }: Part) => base,
    morph: ({ base }: Part) => base,
    defaultValue: () => undefined,
  },
}
