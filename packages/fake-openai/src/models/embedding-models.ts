import type { NamedModel } from './model.ts'

/** A model that makes vectors of texts. */
export interface EmbeddingModel extends NamedModel {
  /** The length of its vectors where no other is asked for; none longer can be. */
  readonly dimensions: number
  /** Whether shorter vectors can be asked for. */
  readonly shortens: boolean
}

function model(id: string, dimensions: number, shortens: boolean): readonly [string, EmbeddingModel] {
  return [id, { id, family: id, snapshot: id, dimensions, shortens }]
}

/** The platform's models that make vectors of texts. */
export const embeddingModels: ReadonlyMap<string, EmbeddingModel> = new Map([
  model('text-embedding-3-small', 1536, true),
  model('text-embedding-3-large', 3072, true),
  model('text-embedding-ada-002', 1536, false),
])
