import { createRuntime, type Model, type Runtime } from '@reprise/core'
import { Option } from 'commander'
import type { Io } from '../line/io.ts'
import { openNamed } from './named-store.ts'
import { type ConfigOption, withConfig } from './with-config.ts'

/** What a command that needs no code of the user's is given. */
export interface StoreOption extends ConfigOption {
  readonly store?: string
}

/** The option `--store`. */
export function storeOption(): Option {
  const where =
    "the SQLite file of the runs, or postgres://HOST/DATABASE?schema=NAME, if not the config's (env: REPRISE_STORE)"
  return new Option('--store <file>', where)
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
  const runtime = createRuntime({ store: await openNamed(io, store, absent), models: NO_MODEL, definitions: [] })
  try {
    await work(runtime)
  } finally {
    await runtime.close()
  }
}

const NO_MODEL: Model = {
  ask() {
    throw new Error('A runtime without definitions asks no model')
  },
}
