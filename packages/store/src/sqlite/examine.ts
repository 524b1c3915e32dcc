import { resolve } from 'node:path'
import { DefinitionError } from '@reprise/core'
import type { Encryption } from '@reprise/format'
import { checkPath } from './check-path.ts'
import type { Examination } from './examination.ts'

/** How a store is looked at. */
export interface ExamineOptions {
  /** Its keys, as `sqlite` takes them. @default none */
  readonly encryption?: Encryption
  /** How long beats are waited for, and that a reader ends, in milliseconds. @default 5000 */
  readonly patienceMs?: number
}

/** An owner shows itself each second, and its thread after two: some more are allowed for. */
const PATIENCE_MS = 5_000

/**
 * Looks at a store while others may use it: at its files, who has them open, whether its log can be brought in, the keys,
 * who drives runs, and how runs stand. It makes no store, raises no schema, and wraps no keys anew where `oldKeys` are
 * given; as every opening does, it leaves no log behind where nobody else has the file open.
 *
 * @param path of the file.
 * @throws DefinitionError where nothing is at the path, or what was given is no key. What is wrong with what is there is part
 * of what is given back.
 * @example
 * ```ts
 * import { examine, sqlite } from '@reprise/store'
 *
 * await using store = sqlite('desk.db')
 * await store.runs({})
 * const { fault, keys, runs } = await examine('desk.db')
 * console.log(fault, keys?.encrypted, runs) // null false []
 * ```
 */
export async function examine(
  path: string,
  { encryption, patienceMs = PATIENCE_MS }: ExamineOptions = {},
): Promise<Examination> {
  checkPath('examine', path)
  const file = resolve(path)
  const { existsSync } = process.getBuiltinModule('node:fs')
  if (!existsSync(file))
    throw new DefinitionError({ code: 'no_store', message: `There is no store at ${file}. Check the path.` })
  const { lookAt } = await import('./look-at.ts')
  return lookAt(file, encryption, patienceMs)
}
