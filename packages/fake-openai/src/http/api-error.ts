import type { JsonObject } from '@reprise/core'

/** An error as the platform words it, on its way to being an answer. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string | null
  readonly type: string
  readonly param: string | null
  readonly headers: Readonly<Record<string, string>>
  /** The whole body, where it is not JSON. */
  readonly html: string | undefined

  constructor(
    message: string,
    parts: Partial<Pick<ApiError, 'status' | 'code' | 'type' | 'param' | 'headers' | 'html'>> = {},
  ) {
    super(message)
    const { status = 400, code = null, type = status >= 500 ? 'server_error' : 'invalid_request_error' } = parts
    this.status = status
    this.code = code
    this.type = type
    this.param = parts.param ?? null
    this.headers = parts.headers ?? {}
    this.html = parts.html
  }

  /** The body of the answer. */
  get body(): JsonObject {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } }
  }
}

/** A required parameter that is not there. */
export function missing(param: string): ApiError {
  return new ApiError(`Missing required parameter: '${param}'.`, { param, code: 'missing_required_parameter' })
}

/** A parameter of the wrong type: both are said as the platform says them, `an integer` or `one of a string or array`. */
export function wrongType(param: string, expected: string, got: unknown): ApiError {
  const message = `Invalid type for '${param}': expected ${expected}, but got ${typeName(got)} instead.`
  return new ApiError(message, { param, code: 'invalid_type' })
}

/** A parameter with a value that is none of the listed ones. */
export function wrongValue(param: string, got: string, supported: readonly string[]): ApiError {
  const list = supported.map((value) => `'${value}'`)
  const last = list.pop()
  const values = list.length === 0 ? last : `${list.join(', ')}, and ${last}`
  return new ApiError(`Invalid value: '${got}'. Supported values are: ${values}.`, { param, code: 'invalid_value' })
}

/** A body that is no JSON object. */
export function notJson(): ApiError {
  const hint =
    "(HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload.)"
  return new ApiError(`We could not parse the JSON body of your request. ${hint}`)
}

/** What the platform can and the fake cannot; `can` is a sentence that says what it can instead. */
export function beyondTheFake(what: string, param: string | null = null, can = ''): ApiError {
  const message = `${what} is more than this fake server can do. ${can}${can && ' '}Leave it out, or ask the platform.`
  return new ApiError(message, { param })
}

/**
 * Holds a text to a length.
 *
 * @throws ApiError where it has more than `max` characters.
 */
export function tooLong(text: string, max: number, param: string): void {
  if (text.length <= max) return
  const message = `Invalid '${param}': string too long. Expected a string with maximum length ${max}, but got a string with length ${text.length} instead.`
  throw new ApiError(message, { param, code: 'string_above_max_length' })
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal'
  return `a ${typeof value}`
}
