import { ApiError } from './api-error.ts'

/** A model that the fake serves. */
export interface FakeModel {
  readonly id: string
  /** What a reply calls it: the snapshot that the name stands for. */
  readonly snapshot: string
  /** Tokens that a request may have. */
  readonly context: number
  readonly shutdownDate: string | null
  /** Whether it refuses `temperature` and `top_p` while it reasons. */
  readonly fixedSampling: boolean
  /** Whether writing to the prompt cache is counted. */
  readonly countsCacheWrites: boolean
}

function model(id: string, snapshotDate: string | null, context: number, more: Partial<FakeModel> = {}): FakeModel[] {
  const snapshot = snapshotDate === null ? id : `${id}-${snapshotDate}`
  const described = { snapshot, context, shutdownDate: null, fixedSampling: false, countsCacheWrites: false, ...more }
  return [...new Set([id, snapshot])].map((name) => ({ ...described, id: name }))
}

const gpt6 = { fixedSampling: true, countsCacheWrites: true }

/** The models of the fake, as the platform had them in November 2026. */
export const fakeModels: ReadonlyMap<string, FakeModel> = new Map(
  [
    ...model('gpt-4.1', '2025-04-14', 1_047_576, { shutdownDate: '2027-01-14' }),
    ...model('gpt-4.1-mini', '2025-04-14', 1_047_576, { shutdownDate: '2027-01-14' }),
    ...model('gpt-4.1-nano', '2025-04-14', 1_047_576, { shutdownDate: '2026-10-23' }),
    ...model('gpt-4o', '2024-08-06', 128_000),
    ...model('gpt-4o-mini', '2024-07-18', 128_000),
    ...model('gpt-6-luna', null, 922_000, gpt6),
    ...model('gpt-6-sol', null, 922_000, gpt6),
  ].map((served) => [served.id, served]),
)

/** The answer to `GET /v1/models`. */
export function listModels(): object {
  return { object: 'list', data: [...fakeModels.values()].map(describe) }
}

/**
 * The answer to `GET /v1/models/{id}`.
 *
 * @throws ApiError where there is no such model.
 */
export function retrieveModel(id: string): object {
  const found = fakeModels.get(id)
  if (found) return describe(found)
  throw new ApiError(`The model '${id}' does not exist`, { status: 404, param: 'model', code: 'model_not_found' })
}

function describe({ id, shutdownDate }: FakeModel): object {
  return { id, object: 'model', created: 1_744_316_542, owned_by: 'system', shutdown_date: shutdownDate }
}
