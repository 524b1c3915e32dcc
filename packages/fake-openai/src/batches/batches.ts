import { embeddingModels } from '../models/embedding-models.ts'
import { ApiError, beyondTheFake, missing, wrongValue } from '../http/api-error.ts'
import type { Parameters } from '../http/call.ts'
import type { MakeId } from '../http/ids.ts'
import type { Listed } from '../lists/page.ts'
import type { RateLimits } from '../limits/rate-limits.ts'
import type { NamedModel } from '../models/model.ts'
import type { KeptResponses } from '../reply/kept.ts'
import type { Service } from '../service/service.ts'
import { checkAll, orNull, text } from '../checks/checks.ts'
import { metadata as checkMetadata } from '../validate/parameters.ts'
import { knownBody, unknownParameter } from '../validate/validate.ts'
import { Batch } from './batch.ts'
import type { Files } from '../files/files.ts'
import { type BatchError, type BatchLine, beyondEndpoints, endpoints, readLines } from './lines.ts'
import { countLines } from './count-lines.ts'
import { EMBEDDINGS } from './line-request.ts'

const beyondParameters = ['output_expires_after'] as const
const parameters = new Set(['input_file_id', 'endpoint', 'completion_window', 'metadata', ...beyondParameters])

/** What batches stand on. */
export interface BatchesParts {
  readonly service: Service
  readonly files: Files
  readonly limits: RateLimits
  readonly kept: KeptResponses
  readonly idsOf: (asked: string) => MakeId
}

/** The batches of a fake. */
export class Batches {
  readonly #parts: BatchesParts
  readonly #batches = new Map<string, Batch>()

  constructor(parts: BatchesParts) {
    this.#parts = parts
  }

  /** @throws ApiError where the request is wrong; where its file is, the batch fails. */
  async create(sent: Parameters, id: MakeId): Promise<object> {
    const body = knownBody(sent, parameters, beyondParameters, unknownParameter)
    const { service, files, kept, idsOf } = this.#parts
    const { endpoint, input_file_id: inputFileId, completion_window: window, metadata } = body
    for (const param of ['input_file_id', 'endpoint', 'completion_window'])
      if (body[param] === undefined) throw missing(param)
    if (beyondEndpoints.some((known) => known === endpoint))
      throw beyondTheFake(`A batch to '${String(endpoint)}'`, 'endpoint', `It takes ${endpoints.join(', ')}.`)
    if (!endpoints.some((known) => known === endpoint)) throw wrongValue('endpoint', String(endpoint), endpoints)
    if (window !== '24h') throw wrongValue('completion_window', String(window), ['24h'])
    checkAll(body, { input_file_id: text, metadata: orNull(checkMetadata) })
    await this.settle()
    const { lines, errors } = this.#read(String(inputFileId), String(endpoint))
    const model = this.#modelOf(String(endpoint), String(lines[0]?.body['model']))
    const tokens = countLines(service, lines, String(endpoint))
    const over = model && errors.length === 0 ? this.#overLimit(model, tokens) : undefined
    const batch = new Batch({
      id,
      service,
      files,
      context: {
        endpoint: String(endpoint),
        remembered: kept,
        idsOf: (line) => idsOf(JSON.stringify(line)),
      },
      inputFileId: String(inputFileId),
      metadata,
      model: model?.snapshot,
      lines,
      errors: over ? [over] : errors,
      tokens,
    })
    this.#batches.set(batch.id, batch)
    return batch.describe()
  }

  /** Brings all batches up to now. */
  async settle(): Promise<void> {
    for (const batch of this.#batches.values()) await batch.settle()
  }

  /** @throws ApiError where there is no such batch. */
  async retrieve(id: string): Promise<object> {
    const batch = this.#get(id)
    await batch.settle()
    return batch.describe()
  }

  /** @throws ApiError where there is no such batch, or it is over. */
  async cancel(id: string): Promise<object> {
    const batch = this.#get(id)
    await batch.settle()
    if (batch.isOver) {
      throw new ApiError(`Cannot cancel a batch with status '${batch.describe().status}'.`, { status: 409 })
    }
    batch.cancel()
    return batch.describe()
  }

  async list(): Promise<readonly Listed[]> {
    await this.settle()
    return [...this.#batches.values()].map((batch) => batch.describe())
  }

  #get(id: string): Batch {
    const batch = this.#batches.get(id)
    if (batch) return batch
    throw new ApiError(`No batch found with id '${id}'.`, { status: 404 })
  }

  #read(
    fileId: string,
    endpoint: string,
  ): { readonly lines: readonly BatchLine[]; readonly errors: readonly BatchError[] } {
    try {
      const file = this.#parts.files.describe(fileId)
      if (file.purpose !== 'batch') throw new ApiError(`The file's purpose is '${file.purpose}'. It must be 'batch'.`)
      const read = readLines(this.#parts.files.content(fileId), endpoint, (name) => this.#modelOf(endpoint, name))
      return read.ok ? { lines: read.lines, errors: [] } : { lines: [], errors: read.errors }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return {
        lines: [],
        errors: [{ code: 'invalid_file', message: error.message, param: 'input_file_id', line: null }],
      }
    }
  }

  #modelOf(endpoint: string, name: string): NamedModel | undefined {
    return endpoint === EMBEDDINGS ? embeddingModels.get(name) : this.#parts.service.models.find(name)
  }

  #overLimit(model: NamedModel, tokens: number): BatchError | undefined {
    const limit = this.#parts.limits.of(model).enqueuedTokens
    const held = [...this.#batches.values()].filter((batch) => !batch.isOver && batch.parts.model === model.snapshot)
    if (held.reduce((sum, { parts }) => sum + parts.tokens, tokens) <= limit) return undefined
    const message = `Enqueued token limit reached for ${model.family} in organization org-fake. Limit: ${limit.toLocaleString('en-US')} enqueued tokens. Please try again once some in_progress batches have been completed.`
    return { code: 'token_limit_exceeded', message, param: null, line: null }
  }
}
