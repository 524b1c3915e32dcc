// What all recipes have in common: a model that plays their agents on a real server, and the tale of what happened.
import assert from 'node:assert/strict'
import type { Entry, JsonObject, RunRow, Runtime } from '@reprise/core'
import type { FakeReply, FakeScript } from '@reprise/fake-openai'

/** Takes a line of what is told. */
export type Tell = (line: string) => void

/** What an agent has heard when it is asked. */
export interface Heard {
  /** What the user said first: to a child, its task. */
  readonly task: string
  /** What its calls came to, in their order. */
  readonly told: readonly string[]
}

/** What the agents of a recipe say, by their names: their instructions begin with "You are the NAME.". */
export function played(parts: Readonly<Record<string, (heard: Heard) => FakeReply>>): FakeScript {
  return ({ body }) => {
    const name = /^You are the (\w+)\./.exec(body.instructions ?? '')?.[1] ?? ''
    const part = parts[name]
    assert.ok(part, `Nobody plays "${name}". There are: ${Object.keys(parts).join(', ')}.`)
    const input = typeof body.input === 'string' ? [] : body.input
    const told = input.flatMap((item) => (item.type === 'function_call_output' ? [textOf(item.output)] : []))
    const said = input.find((item) => 'role' in item && item.role === 'user')
    return part({ task: said && 'content' in said ? textOf(said.content) : '', told })
  }
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  return Array.isArray(content) ? content.map((part: { readonly text?: string }) => part.text ?? '').join('') : ''
}

/** An answer in the shape of an agent's output. */
export function answer(output: JsonObject): FakeReply {
  return { text: JSON.stringify(output) }
}

/** A call of a tool. */
export function call(name: string, given: JsonObject): FakeReply {
  return { calls: [{ name, arguments: given }] }
}

/** Tells a run and all below it as one tree, and holds each of them to today's code. */
export async function tellTree(runtime: Runtime, runId: string, tell: Tell, margin = '  '): Promise<void> {
  const row = await runtime.runs.get(runId)
  tell(`${margin}${row.kind} ${row.name}: ${row.status}${answerOf(await runtime.runs.entries(runId))}`)
  assert.equal((await runtime.replay(runId)).status, 'matched')
  for (const { id } of await childrenOf(runtime, runId)) await tellTree(runtime, id, tell, `${margin}  `)
}

/** The runs below a run, in the order in which they began. */
export async function childrenOf(runtime: Runtime, parentId: string): Promise<readonly RunRow[]> {
  return runtime.runs.list({ parentId, limit: 100 })
}

function answerOf(entries: readonly Entry[]): string {
  const last = entries.at(-1)
  if (last?.kind === 'run.completed') return `, ${JSON.stringify(last.body.output)}`
  return last?.kind === 'run.failed' ? `, ${last.body.error.message}` : ''
}
