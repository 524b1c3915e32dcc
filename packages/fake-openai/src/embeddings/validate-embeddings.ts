import { ApiError, missing, wrongType } from '../http/api-error.ts'
import type { Parameters } from '../http/call.ts'
import type { FindModel } from '../models/models.ts'
import { checkAll, integer, oneOf, text, tooMany } from '../checks/checks.ts'
import { knownBody, modelOf } from '../validate/validate.ts'
import { type EmbeddingModel, embeddingModels } from '../models/embedding-models.ts'

/** What is embedded: texts, or the tokens of texts. */
export type Embedded = string | readonly number[]

/** A right request for embeddings. */
export interface EmbeddingsRequest {
  readonly model: EmbeddingModel
  readonly inputs: readonly Embedded[]
  readonly dimensions: number
  readonly encoding: 'float' | 'base64'
}

const parameters = new Set(['input', 'model', 'dimensions', 'encoding_format', 'user'])
const MAX_INPUTS = 2048

/**
 * Holds a request for embeddings to what the platform accepts, but for how long its texts are.
 *
 * @throws ApiError with the platform's complaint.
 */
export function validateEmbeddings(sent: Parameters | undefined, find: FindModel): EmbeddingsRequest {
  const body = knownBody(sent, parameters, [], ([name = '']) => {
    return new ApiError(`Unrecognized request argument supplied: ${name}`)
  })
  const model = embeddingModel(body['model'], find)
  if (body['input'] === undefined) throw missing('input')
  checkAll(body, { encoding_format: oneOf('float', 'base64'), dimensions: integer(1), user: text })
  const { dimensions = model.dimensions, encoding_format: encoding = 'float' } = body as {
    readonly dimensions?: number
    readonly encoding_format?: EmbeddingsRequest['encoding']
  }
  if (body['dimensions'] !== undefined && !model.shortens)
    throw new ApiError('This model does not support specifying dimensions.', { param: 'dimensions' })
  if (dimensions > model.dimensions) {
    const message = `Invalid value for 'dimensions' = ${dimensions}. Must be less than or equal to ${model.dimensions}.`
    throw new ApiError(message, { param: 'dimensions' })
  }
  return { model, inputs: inputsOf(body['input']), dimensions, encoding }
}

function embeddingModel(name: unknown, find: FindModel): EmbeddingModel {
  const model = typeof name === 'string' ? embeddingModels.get(name) : undefined
  if (model) return model
  const other = modelOf(name, 404, find)
  throw new ApiError(`You are not allowed to generate embeddings from this model: ${other.id}`, { status: 403 })
}

function inputsOf(input: unknown): readonly Embedded[] {
  if (isEmbedded(input)) return [input]
  if (!Array.isArray(input) && typeof input !== 'string') throw wrongType('input', 'one of a string or an array', input)
  if (input.length > MAX_INPUTS) throw tooMany('array', 'length', input.length, MAX_INPUTS, 'input')
  if (Array.isArray(input) && input.length > 0 && input.every(isEmbedded)) return input
  throw new ApiError(
    "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
  )
}

function isEmbedded(input: unknown): input is Embedded {
  if (typeof input === 'string') return input !== ''
  return Array.isArray(input) && input.length > 0 && input.every((token) => Number.isInteger(token) && token >= 0)
}
