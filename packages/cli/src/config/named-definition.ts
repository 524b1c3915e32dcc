import { type AnyDefinition, DefinitionError } from '@reprise/core'
import type { Config } from './load-config.ts'

type Kind = AnyDefinition['kind']

/**
 * The newest version of a config's definition of a name.
 *
 * @param only the kind that it has to be of. @default any
 * @throws DefinitionError with code `unknown_definition` where there is none, or several kinds have one.
 */
export function definitionNamed<K extends Kind = Kind>(
  { path, runtime }: Config,
  name: string,
  only?: K,
): Extract<AnyDefinition, { readonly kind: K }> {
  const fitting = runtime.definitions.filter((each) => isOf(each, only))
  const named = fitting.filter((definition) => definition.name === name)
  const [newest] = named.toSorted((one, other) => other.version - one.version)
  const kinds = new Set(named.map(({ kind }) => kind))
  if (newest && kinds.size === 1) return newest
  const known = [...new Set(fitting.map((each) => `${each.kind} ${each.name}`))].join(', ') || 'none'
  const message = newest
    ? `The config at ${path} has several definitions "${name}": ${[...kinds].join(' and ')}. Begin a run of one of them by code, or rename one.`
    : `The config at ${path} has no ${only ?? 'definition'} "${name}". It has: ${known}. Give one of them, or add it to createRuntime({ definitions }).`
  throw new DefinitionError({ code: 'unknown_definition', message })
}

function isOf<K extends Kind>(
  definition: AnyDefinition,
  only: K | undefined,
): definition is Extract<AnyDefinition, { readonly kind: K }> {
  return only === undefined || definition.kind === only
}
