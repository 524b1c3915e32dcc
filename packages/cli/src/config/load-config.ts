import { pathToFileURL } from 'node:url'
import { DefinitionError, messageOf, type Runtime, type Signal } from '@reprise/core'
import type { Eval } from '@reprise/evals'
import { findConfig } from './find-config.ts'
import { type OwnFacts, readOwnFacts } from './own-facts.ts'

/** What a config file exports. */
export interface Config {
  readonly path: string
  readonly runtime: Runtime
  /** Its signals by name. */
  readonly signals: ReadonlyMap<string, Signal>
  /** What it says of models, by their names: it goes before what is listed. */
  readonly modelFacts: OwnFacts
  /** Its evaluations by name. */
  readonly evals: ReadonlyMap<string, Eval>
}

/**
 * Loads a config: its code runs in this process.
 *
 * @param from the folder that it is looked for from.
 * @param given the path of the file; without it, the nearest is found.
 * @throws DefinitionError when there is none, it cannot be loaded, or it exports no runtime.
 */
export async function loadConfig(from: string, given: string | undefined): Promise<Config> {
  const path = findConfig(from, given)
  const exported = await load(path)
  const runtime = exported['runtime']
  if (!isRuntime(runtime)) {
    const names = Object.keys(exported).join(', ') || 'nothing'
    const message = `The config at ${path} exports no runtime; it exports ${names}. Write in it: export const runtime = createRuntime({ ... })`
    throw new DefinitionError({ code: 'no_runtime', message })
  }
  const signals = Object.values(exported).filter(isSignal)
  const evals = Object.values(exported).filter(isEval)
  const modelFacts = readOwnFacts(path, exported['modelFacts'])
  return { path, runtime, signals: byName(signals), modelFacts, evals: byName(evals) }
}

async function load(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } catch (cause) {
    const problem = messageOf(cause).replace(/\.?$/, '.')
    const message = `The config at ${path} cannot be loaded: ${problem} Mend that first; REPRISE_DEBUG=1 shows where it is.`
    throw new DefinitionError({ code: 'config_failed', message, cause })
  }
}

/** By its shape: the config may have another copy of the package. */
function isRuntime(value: unknown): value is Runtime {
  return typeof value === 'object' && value !== null && 'runs' in value && 'resume' in value && 'close' in value
}

function byName<Named extends { readonly name: string }>(all: readonly Named[]): ReadonlyMap<string, Named> {
  return new Map(all.map((one) => [one.name, one]))
}

function isEval(value: unknown): value is Eval {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'eval'
}

function isSignal(value: unknown): value is Signal {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'signal'
}
