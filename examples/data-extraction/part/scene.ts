import type { JsonObject } from '@reprise/core'
import type { FakeAsk } from '@reprise/fake-openai'
import { type Layout, LAYOUTS } from './layouts.ts'

/** A request, as the part understands it: which file, what is known of it, what was said. */
export interface Scene {
  /** The words of the task. */
  readonly task: string
  readonly file: string
  /** Whether another reader has been here before. */
  readonly again: boolean
  /** Items of the conversation so far: it grows with every reply. */
  readonly turn: number
  /** Undefined where the part does not know the file. */
  readonly layout: Layout | undefined
  /** What the tool gave of the file; undefined until it did. */
  readonly page: string | undefined
  /** How often in a row the last answer was sent back. */
  readonly complaints: number
}

type Items = FakeAsk['body']['input']

/** The words of the task that a request is about. */
export function taskOf([first]: Items): string {
  return first && 'content' in first && typeof first.content === 'string' ? first.content : ''
}

/** Reads a request. */
export function readScene({ input }: FakeAsk['body']): Scene {
  const task = taskOf(input)
  const file = fileOf(task)
  const [first] = input
  const sinceCall = input.slice(input.findLastIndex((item) => item.type === 'function_call_output') + 1)
  return {
    task,
    file,
    again: task.includes('\n'),
    turn: input.length,
    layout: LAYOUTS[file],
    page: pageOf(input, file),
    complaints: sinceCall.filter((item) => item !== first && 'role' in item && item.role === 'user').length,
  }
}

/** The right call: it reads the file. */
export function readingCall({ file, layout }: Pick<Scene, 'file' | 'layout'>): { name: string; arguments: JsonObject } {
  return layout?.tool === 'read_csv'
    ? { name: 'read_csv', arguments: { path: file, columns: null, offset: null, limit: null, header: null } }
    : { name: 'read_file', arguments: { path: file, fromLine: null, lines: null } }
}

function fileOf(task: string): string {
  const [quoted] = /"(?:[^"\\]|\\.)*"/.exec(task) ?? []
  return quoted === undefined ? '' : String(JSON.parse(quoted))
}

/** What the right call gave: a page of the file, or whatever it was told that cannot be read. */
function pageOf(input: Items, file: string): string | undefined {
  const right = readingCall({ file, layout: LAYOUTS[file] })
  const ids = input.flatMap((item) =>
    item.type === 'function_call' && item.name === right.name && item.arguments === JSON.stringify(right.arguments)
      ? [item.call_id]
      : [],
  )
  const outputs = input.flatMap((item) =>
    item.type === 'function_call_output' && ids.includes(item.call_id) && typeof item.output === 'string'
      ? [item.output]
      : [],
  )
  return outputs.find((output) => !/^Not (executed|sent)/.test(output))
}
