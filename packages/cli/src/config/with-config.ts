import { Option } from 'commander'
import type { Io } from '../line/io.ts'
import { type Config, loadConfig } from './load-config.ts'

/** What a command that runs code of the config is given. */
export interface ConfigOption {
  readonly config?: string
}

/** The option `--config`. */
export function configOption(): Option {
  return new Option('--config <file>', 'the config, if not the nearest reprise.config.ts upwards from here')
}

/**
 * Lets a command work with the config's runtime, and closes it afterwards.
 *
 * @throws DefinitionError when there is no usable config.
 */
export async function withConfig(io: Io, given: ConfigOption, work: (config: Config) => Promise<void>): Promise<void> {
  const config = await loadConfig(io.cwd(), given.config)
  try {
    await work(config)
  } finally {
    await config.runtime.close()
  }
}
