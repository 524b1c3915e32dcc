import pg from 'pg'
import type { CustomTypesConfig } from 'pg'

/** The numbers of the types whose values are made into something else than the driver does by itself. */
const INT8 = 20
const INT8_ARRAY = 1016

/** What the driver makes of a value; its own types say any. */
type Parse = (text: string) => unknown

/** How values come, statement by statement: what else the program does with the driver stays as it is. */
export const TYPES: CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): Parse {
    if (oid === INT8) return toNumber
    // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- its types know some numbers only
    const parse = pg.types.getTypeParser(oid, format) as Parse
    if (oid === INT8_ARRAY) return (text) => (parse(text) as string[]).map(toNumber)
    return parse
  },
}

/** @throws RangeError for a number that JavaScript would change. */
function toNumber(text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number)) return number
  throw new RangeError(`The database holds the number ${text}, which is beyond 2^53.`)
}
