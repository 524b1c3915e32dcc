import { messageOf } from '@reprise/core'
import { testsMistake } from './script-threw.ts'
import type { ApiError } from './api-error.ts'

/** What the fake itself threw, which it never should. */
export function fakeFailed(error: unknown): ApiError {
  return testsMistake(`The fake server failed: ${messageOf(error)}`)
}
