import { embeddingModels } from './embedding-models.ts'
import { ApiError } from '../http/api-error.ts'
import { moderationModels } from './moderation-models.ts'
import type { FakeModel } from './model.ts'
import { anyModel, fakeModels } from './table.ts'

/** The model of a name; a fine-tuned one, `ft:gpt-4.1-mini:org::id`, is what it was made of, under its own name. */
export function fakeModel(name: string): FakeModel | undefined {
  const [, base] = name.match(/^ft:([^:]+):/) ?? []
  const found = fakeModels.get(base ?? name)
  return found && base !== undefined ? { ...found, id: name, family: name, snapshot: name } : found
}

/** Finds the model of a name; undefined where it is not served. */
export type FindModel = (name: string) => FakeModel | undefined

/** The models that one fake serves. */
export interface ServedModels {
  readonly all: readonly FakeModel[]
  readonly find: FindModel
}

/** Serves models by their names besides the platform's own, as any compatible server would: they are what their names say. */
export function serveModels(names: Iterable<string>): ServedModels {
  const own = [...new Set(names)].filter((name) => !fakeModel(name)).map(named)
  const byName = new Map(own.map((served) => [served.id, served]))
  return { all: [...fakeModels.values(), ...own], find: (name) => fakeModel(name) ?? byName.get(name) }
}

function named(name: string): FakeModel {
  return { ...anyModel, id: name, family: name, snapshot: name, shutdownDate: null }
}

/** The answer to `GET /v1/models`. */
export function listModels({ all }: ServedModels): object {
  return { object: 'list', data: [...all, ...others].map(describe) }
}

/**
 * The answer to `GET /v1/models/{id}`.
 *
 * @throws ApiError where there is no such model.
 */
export function retrieveModel({ find }: ServedModels, id: string): object {
  const found = find(id) ?? others.find((other) => other.id === id)
  if (found) return describe(found)
  throw new ApiError(`The model '${id}' does not exist`, { status: 404, param: 'model', code: 'model_not_found' })
}

/** Models that do not speak. */
const others = [...embeddingModels.keys(), ...moderationModels].map((id) => ({ id, shutdownDate: null }))

function describe({ id, shutdownDate }: Pick<FakeModel, 'id' | 'shutdownDate'>): object {
  return { id, object: 'model', created: 1_744_316_542, owned_by: 'system', shutdown_date: shutdownDate }
}
