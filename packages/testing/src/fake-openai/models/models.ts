import { ApiError } from '../http/api-error.ts'

/** A model that the fake serves. */
export interface FakeModel {
  readonly id: string
  /** The name without a date: what it costs and what its limits are go by it. */
  readonly family: string
  /** What a reply calls it: the snapshot that the name stands for. */
  readonly snapshot: string
  /** Tokens that a request may have. */
  readonly context: number
  readonly shutdownDate: string | null
  /**
   * Whether it is of GPT-6, which alone reasons here: it refuses `temperature` and `top_p` while it does, and on Chat Completions tools too;
   * it counts writes to the prompt cache, and uses the cache in batches.
   */
  readonly gpt6: boolean
}

function model(
  family: string,
  snapshotDate: string | null,
  context: number,
  { shutdownDate = null, gpt6 = false }: Partial<FakeModel> = {},
): FakeModel[] {
  const snapshot = snapshotDate === null ? family : `${family}-${snapshotDate}`
  return [...new Set([family, snapshot])].map((id) => ({ id, family, snapshot, context, shutdownDate, gpt6 }))
}

/** The models of the fake, as the platform had them in November 2026. */
export const fakeModels: ReadonlyMap<string, FakeModel> = new Map(
  [
    ...model('gpt-4.1', '2025-04-14', 1_047_576, { shutdownDate: '2027-01-14' }),
    ...model('gpt-4.1-mini', '2025-04-14', 1_047_576, { shutdownDate: '2027-01-14' }),
    ...model('gpt-4.1-nano', '2025-04-14', 1_047_576, { shutdownDate: '2026-10-23' }),
    ...model('gpt-4o', '2024-08-06', 128_000),
    ...model('gpt-4o-mini', '2024-07-18', 128_000),
    ...model('gpt-6-luna', null, 922_000, { gpt6: true }),
    ...model('gpt-6-sol', null, 922_000, { gpt6: true }),
  ].map((served) => [served.id, served]),
)

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
  const own = [...new Set(names)].filter((name) => !fakeModel(name)).flatMap((name) => model(name, null, CONTEXT))
  const byName = new Map(own.map((served) => [served.id, served]))
  return { all: [...fakeModels.values(), ...own], find: (name) => fakeModel(name) ?? byName.get(name) }
}

/** What a model that is not the platform's reads, in tokens: nobody's request is too long for it by chance. */
const CONTEXT = 1_000_000

/** The answer to `GET /v1/models`. */
export function listModels({ all }: ServedModels): object {
  return { object: 'list', data: all.map(describe) }
}

/**
 * The answer to `GET /v1/models/{id}`.
 *
 * @throws ApiError where there is no such model.
 */
export function retrieveModel({ find }: ServedModels, id: string): object {
  const found = find(id)
  if (found) return describe(found)
  throw new ApiError(`The model '${id}' does not exist`, { status: 404, param: 'model', code: 'model_not_found' })
}

function describe({ id, shutdownDate }: FakeModel): object {
  return { id, object: 'model', created: 1_744_316_542, owned_by: 'system', shutdown_date: shutdownDate }
}
