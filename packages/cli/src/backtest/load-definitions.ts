import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type AnyDefinition, DefinitionError, messageOf } from '@reprise/core'

/**
 * Loads the definitions that a file exports: those in its list `definitions`, and each that is an export of its own. Its code
 * runs in this process.
 *
 * @throws DefinitionError with code `no_definitions`.
 */
export async function loadDefinitions(from: string, file: string): Promise<readonly AnyDefinition[]> {
  const path = resolve(from, file)
  if (!existsSync(path)) throw none(`There is no file at ${path}. Check the path.`)
  let exported: Record<string, unknown>
  try {
    exported = (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } catch (cause) {
    throw none(`${path} cannot be loaded: ${messageOf(cause)}`, cause)
  }
  const { definitions = [], ...others } = exported
  const found = [...(Array.isArray(definitions) ? (definitions as unknown[]) : []), ...Object.values(others)]
  const all = [...new Set(found.filter(isDefinition))]
  if (all.length === 0) throw none(`${path} exports no agent, team or workflow. Export what defineAgent gives.`)
  return all
}

/** By its shape: the file may have another copy of the package. */
function isDefinition(value: unknown): value is AnyDefinition {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  return value.kind === 'agent' || value.kind === 'team' || value.kind === 'workflow'
}

function none(message: string, cause?: unknown): DefinitionError {
  return new DefinitionError({ code: 'no_definitions', message, cause })
}
