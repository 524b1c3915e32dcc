import {
  type DefinitionError,
  type Model,
  ModelError,
  type ModelEvent,
  type ModelReply,
  type ModelRequest,
  type ReplyItem,
} from '@reprise/core'
import { argumentsText, piecesOf, type ScriptedReply } from './scripted-reply.ts'

/** What a script answers with: a reply in short or in full, or an error that is thrown. */
export type ScriptedAnswer = ScriptedReply | ModelReply | ModelError | DefinitionError

/** Answers a request. The `nth` ask of this model, from 1; the signal is that of the ask. */
export type ModelScript = (
  request: ModelRequest,
  nth: number,
  signal: AbortSignal,
) => ScriptedAnswer | Promise<ScriptedAnswer>

/** A model that answers by a script. */
export interface ScriptedModel extends Model {
  /** How often it was asked. */
  readonly requests: number
}

/**
 * Makes a model that answers in this process, by a function of the request or from a list, one answer an ask.
 * It names itself `scripted` and counts no tokens, unless an answer is a full reply.
 *
 * @throws ModelError by an ask for which the list has no answer.
 * @example
 * ```ts
 * import { createRuntime, defineAgent } from '@reprise/core'
 * import { memoryStore, scriptedModel } from '@reprise/testing'
 *
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'You help the customers of a shop.' })
 * const models = scriptedModel([{ text: 'Yes, in five days.' }])
 * await using runtime = createRuntime({ store: memoryStore(), models, definitions: [desk] })
 * const run = await runtime.start(desk, 'Do you ship to Norway?')
 * console.log(await run.result()) // Yes, in five days.
 * ```
 */
export function scriptedModel(script: ModelScript | readonly ScriptedAnswer[]): ScriptedModel {
  const answer = typeof script === 'function' ? script : fromList(script)
  let requests = 0
  return {
    get requests() {
      return requests
    },
    async *ask(request, signal): AsyncGenerator<ModelEvent, void, undefined> {
      signal.throwIfAborted()
      requests += 1
      const given = await answer(request, requests, signal)
      signal.throwIfAborted()
      if (given instanceof Error) throw given
      const reply = 'items' in given ? given : toReply(given, request)
      const count = 'items' in given ? 1 : (given.deltas ?? 1)
      for (const item of reply.items) {
        if (item.kind === 'assistant') for (const delta of piecesOf(item.text, count)) yield { kind: 'text', delta }
      }
      yield { kind: 'reply', reply }
    },
  }
}

function fromList(answers: readonly ScriptedAnswer[]): ModelScript {
  return (_request, nth) => {
    const answer = answers[nth - 1]
    if (answer !== undefined) return answer
    const message = `The scripted model has ${answers.length} answers and was asked ${nth} times. Add an answer, or pass a function.`
    throw new ModelError({ code: 'script_over', message })
  }
}

function toReply(
  { text, refusal, calls = [], finish = 'stop' }: ScriptedReply,
  { items: asked }: ModelRequest,
): ModelReply {
  const items: ReplyItem[] = []
  if (text !== undefined && text !== '') items.push({ kind: 'assistant', text })
  if (refusal !== undefined) items.push({ kind: 'refusal', text: refusal })
  for (const [index, call] of calls.entries()) {
    // A conversation only grows, so its length makes the id its own.
    const callId = call.callId ?? `call_${asked.length}_${index}`
    items.push({ kind: 'call', callId, name: call.name, arguments: argumentsText(call) })
  }
  return { items, finish, model: 'scripted' }
}
