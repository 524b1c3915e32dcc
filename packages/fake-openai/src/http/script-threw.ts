import { messageOf } from '@reprise/core'
import { ApiError } from './api-error.ts'

/** A script that throws is a mistake in a test: it is told, and not tried again. */
export function scriptThrew(error: unknown): ApiError {
  return testsMistake(`The script threw: ${messageOf(error)}`)
}

/** What is wrong with a test and not with a request. */
export function testsMistake(message: string): ApiError {
  return new ApiError(message, { status: 500, headers: { 'x-should-retry': 'false' } })
}
