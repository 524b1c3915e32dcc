import type * as Crypto from 'node:crypto'

let loaded: typeof Crypto | undefined

/** Node's cryptography. It is loaded with the first use, since it takes longer than all of this package. */
export function crypto(): typeof Crypto {
  return (loaded ??= process.getBuiltinModule('node:crypto'))
}
