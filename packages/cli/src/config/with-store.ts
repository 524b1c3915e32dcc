import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createRuntime, DefinitionError, type Model, type Runtime } from '@reprise/core'
import { sqlite, type SqliteOptions } from '@reprise/store'
import { Option } from 'commander'
import type { Io } from '../line/io.ts'
import { type ConfigOption, withConfig } from './with-config.ts'

/** What a command that needs no code of the user's is given. */
export interface StoreOption extends ConfigOption {
  readonly store?: string
}

/** The option `--store`. */
export function storeOption(): Option {
  return new Option('--store <file>', "the SQLite file of the runs, if not the config's (env: REPRISE_STORE)")
}

/**
 * Lets a command work on a store that is named, without any config; else on the config's.
 *
 * @param absent what happens where there is no store at the path that is named.
 * @throws DefinitionError when there is no store at the path, or none is named and there is no usable config.
 */
export async function withStore(
  io: Io,
  given: StoreOption,
  work: (runtime: Runtime) => Promise<void>,
  absent: 'refuse' | 'make' = 'refuse',
): Promise<void> {
  const store = given.store ?? io.env['REPRISE_STORE']
  if (store === undefined) return withConfig(io, given, ({ runtime }) => work(runtime))
  const path = resolve(io.cwd(), store)
  // Who only looks makes no file.
  if (absent === 'refuse' && !existsSync(path))
    throw new DefinitionError({ code: 'no_store', message: `There is no store at ${path}. Check the path.` })
  const runtime = createRuntime({ store: sqlite(path, encryptionOf(io)), models: NO_MODEL, definitions: [] })
  try {
    await work(runtime)
  } finally {
    await runtime.close()
  }
}

/** The key of the environment and, for a rotation, those that were it before. */
export function encryptionOf({ env }: Io): SqliteOptions {
  const [key, ...oldKeys] = (env['REPRISE_KEY'] ?? '').split(',').filter((text) => text.trim() !== '')
  return key === undefined ? {} : { encryption: { key, oldKeys } }
}

const NO_MODEL: Model = {
  ask() {
    throw new Error('A runtime without definitions asks no model')
  },
}
