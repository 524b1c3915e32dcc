import { messageOf } from '@reprise/core'
import { ApiError } from './api-error.ts'

/** A script that throws is a mistake in a test: it is told, and not tried again. */
export function scriptThrew(error: unknown): ApiError {
  return new ApiError(`The script threw: ${messageOf(error)}`, { status: 500, headers: { 'x-should-retry': 'false' } })
}
