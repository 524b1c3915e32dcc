import { existsSync, readFileSync } from 'node:fs'
import type { ChatCompletion } from 'openai/resources/chat/completions'
import type { Response as FinalResponse } from 'openai/resources/responses/responses'

const folder = new URL('../../../../../shared/data/openai/', import.meta.url)

/** Whether the recordings of real traffic are there. */
export const recordingsAreThere = existsSync(folder)

/** A raw stream, and what the official SDK folds it to. */
export type RecordedStream = { readonly file: string; readonly step: number; readonly sse: string } & (
  | { readonly endpoint: 'resp'; readonly final: FinalResponse }
  | { readonly endpoint: 'chat'; readonly final: ChatCompletion }
)

/** One request and its answer. */
export interface RecordedStep {
  readonly method: string
  readonly path: string
  /** Text where it is no JSON. */
  readonly reqBody: unknown
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly respJson: unknown
  /** A raw stream, where it was one. */
  readonly respText: string | null
}

/** What one program said to the service and heard from it. */
export interface Cassette {
  readonly file: string
  readonly closedToolLoops: number
  readonly steps: readonly RecordedStep[]
}

export function readStreams(): RecordedStream[] {
  return readLines('sse.jsonl') as RecordedStream[]
}

export function readCassettes(): Cassette[] {
  return readLines('cassettes.jsonl') as Cassette[]
}

function readLines(name: string): unknown[] {
  if (!recordingsAreThere) return []
  const lines = readFileSync(new URL(name, folder), 'utf8').trim().split('\n')
  return lines.map((line) => JSON.parse(line) as unknown)
}
