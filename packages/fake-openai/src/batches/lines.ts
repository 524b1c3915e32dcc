import { type Parameters, parseParameters } from '../http/call.ts'
import { nestsTooDeep, tooDeep } from '../http/depth.ts'
import type { NamedModel } from '../models/model.ts'
import { EMBEDDINGS } from './line-request.ts'

/** The addresses that the lines of a batch may go to. */
export const endpoints = ['/v1/responses', '/v1/chat/completions', EMBEDDINGS] as const

/** Those that the platform takes besides. */
export const beyondEndpoints = [
  '/v1/completions',
  '/v1/moderations',
  '/v1/images/generations',
  '/v1/images/edits',
  '/v1/videos',
] as const

/** What a file may hold at most. */
const MAX_LINES = 50_000
const MAX_BYTES = 200 * 1024 * 1024

/** A line of a batch that is right as a line; its body is checked when its turn comes. */
export interface BatchLine {
  readonly customId: string
  readonly body: Parameters
}

/** A complaint about a batch's file. */
export interface BatchError {
  readonly code: string
  readonly message: string
  readonly param: string | null
  /** From 1; null where it concerns the whole file. */
  readonly line: number | null
}

/** The lines of a file, or what is wrong with them: the lines of one file must be all right. */
export type ReadLines =
  | { readonly ok: true; readonly lines: readonly BatchLine[] }
  | { readonly ok: false; readonly errors: readonly BatchError[] }

/** Reads the lines of a batch's file as the platform validates them. */
export function readLines(content: Buffer, endpoint: string, find: FindNamed): ReadLines {
  const texts = content.toString('utf8').split('\n')
  if (texts.at(-1)?.trim() === '') texts.pop()
  const whole = wholeError(content, texts)
  if (whole) return { ok: false, errors: [whole] }
  const seen = new Set<string>()
  let model: unknown
  const lines: BatchLine[] = []
  const errors: BatchError[] = []
  for (const [index, text] of texts.entries()) {
    const parsed = parseParameters(text)
    const complaint = parsed ? lineComplaint(parsed, { endpoint, find }, seen, (model ??= modelOf(parsed))) : notJson
    if (complaint) errors.push({ ...complaint, line: index + 1 })
    else if (parsed) lines.push({ customId: String(parsed['custom_id']), body: parsed['body'] as Parameters })
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, lines }
}

/** Finds the model of a name among those of an endpoint. */
type FindNamed = (name: string) => NamedModel | undefined

type Complaint = Omit<BatchError, 'line'>

/** What the lines of a file are held against. */
interface Reading {
  readonly endpoint: string
  readonly find: FindNamed
}

const notJson: Complaint = {
  code: 'invalid_json_line',
  message: 'This line is not parseable as valid JSON.',
  param: null,
}

function wholeError(content: Buffer, texts: readonly string[]): BatchError | undefined {
  const error = (code: string, message: string): BatchError => ({ code, message, param: null, line: null })
  if (texts.length === 0)
    return error('empty_file', 'The batch input file is empty. Please ensure that it has at least one line.')
  if (content.length > MAX_BYTES)
    return error('file_too_large', `The batch input file is larger than the ${MAX_BYTES} bytes that it may have.`)
  if (texts.length <= MAX_LINES) return undefined
  return error(
    'too_many_tasks',
    `The batch input file contains ${texts.length} requests, which exceeds the limit of ${MAX_LINES}.`,
  )
}

function modelOf(line: Parameters): unknown {
  return (line['body'] as Parameters | undefined)?.['model']
}

function lineComplaint(
  line: Parameters,
  { endpoint, find }: Reading,
  seen: Set<string>,
  model: unknown,
): Complaint | undefined {
  if (nestsTooDeep(line)) return { code: 'invalid_json_line', message: tooDeep().message, param: null }
  for (const param of ['custom_id', 'method', 'url', 'body']) {
    if (line[param] !== undefined) continue
    return { code: 'missing_required_parameter', message: `Missing required parameter: '${param}'.`, param }
  }
  const customId = String(line['custom_id'])
  if (seen.has(customId)) {
    const message = `The custom_id '${customId}' for this request is a duplicate of another request. The custom_id parameter must be unique for each request in a batch.`
    return { code: 'duplicate_custom_id', message, param: 'custom_id' }
  }
  seen.add(customId)
  if (line['method'] !== 'POST')
    return { code: 'invalid_method', message: 'The method of a request must be POST.', param: 'method' }
  if (line['url'] !== endpoint)
    return {
      code: 'url_mismatch',
      message: 'The URL provided for this request does not prefix match the batch endpoint.',
      param: 'url',
    }
  return modelComplaint(modelOf(line), model, find)
}

function modelComplaint(own: unknown, model: unknown, find: FindNamed): Complaint | undefined {
  if (own !== model) {
    const message = `The model '${String(own)}' of this request is not that of the batch, '${String(model)}'. All requests of a batch must name the same model.`
    return { code: 'model_mismatch', message, param: 'body.model' }
  }
  if (find(String(own))) return undefined
  const message = `The provided model '${String(own)}' is not supported by the Batch API.`
  return { code: 'model_not_found', message, param: 'body.model' }
}
