import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  DefinitionError,
  type Model,
  ModelError,
  type ModelEvent,
  type ModelReply,
  type ModelRequest,
} from '@reprise/core'
import { type Asked, conceal, hide, type Hidden, reveal } from './asked.ts'
import { firstDifference } from './first-difference.ts'
import { isRecorded, type Recorded, Recorder, readRecording } from './recording.ts'

const MODES = ['once', 'record', 'replay'] as const

/**
 * What a recorded model does. `replay`: it answers from the file, and asks nobody. `record`: it asks the model, and writes
 * the file anew. `once`: it replays a file that is there, and records one that is not.
 */
export type RecordMode = (typeof MODES)[number]

/** What `record` takes beside the model and the file. */
export interface RecordOptions {
  /** `REPRISE_RECORD` of the environment goes before it. @default 'replay' where the environment has CI, else 'once' */
  readonly mode?: RecordMode
  /** Values that must not stand in the file: a key that a user's words hold, a name. They are put back in a replay. */
  readonly secrets?: readonly string[]
}

/**
 * Wraps a model so that a file answers in its place: what it replied once, it replies again, to the same request. A request
 * that is not in the file is an error, which says where the nearest that is there differs, and never a network call.
 *
 * Requests are the same by their agent's card, instructions, conversation and tools that may be called, whatever run they
 * are of and whatever the day. One that is asked several times is answered in the order of its replies. Tokens of secrets
 * are numbered, so that those of another lineage are the same. Each call is a recording of its own: give each test a file.
 *
 * @param file where the recording is, from the working directory; its folder is made.
 * @throws DefinitionError with code `no_recording` when there is no file to replay, and with `bad_recording` when it is
 * none; ModelError with code `not_recorded` by an ask.
 * @example
 * ```ts
 * import { createRuntime, defineAgent } from '@reprise/core'
 * import { memoryStore, record, scriptedModel } from '@reprise/testing'
 *
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'You help the customers of a shop.' })
 * // In a test it would be `openai()`.
 * const models = record(scriptedModel([{ text: 'Yes, in five days.' }]), 'test/norway.jsonl', { mode: 'record' })
 * await using runtime = createRuntime({ store: memoryStore(), models, definitions: [desk] })
 * await (await runtime.start(desk, 'Do you ship to Norway?')).result()
 *
 * const again = record(scriptedModel([]), 'test/norway.jsonl', { mode: 'replay' })
 * await using offline = createRuntime({ store: memoryStore(), models: again, definitions: [desk] })
 * console.log(await (await offline.start(desk, 'Do you ship to Norway?')).result()) // Yes, in five days.
 * ```
 */
export function record(model: Model, file: string | URL, options: RecordOptions = {}): Model {
  const { secrets = [] } = options
  const path = resolve(file instanceof URL ? fileURLToPath(file) : file)
  const mode = modeOf(options)
  if (mode === 'replay' || (mode === 'once' && isRecorded(path))) return replaying(path, secrets)
  return recording(model, path, secrets)
}

function modeOf({ mode }: RecordOptions): RecordMode {
  const { REPRISE_RECORD: asked, CI } = process.env
  const given = asked ?? mode ?? (CI !== undefined && CI !== '' && CI !== 'false' ? 'replay' : 'once')
  const found = MODES.find((one) => one === given)
  if (found) return found
  const where = asked === undefined ? 'record was given mode' : 'The environment has REPRISE_RECORD'
  const message = `${where}: ${JSON.stringify(given)}. It is to be one of: ${MODES.join(', ')}.`
  throw new DefinitionError({ code: 'bad_argument', message })
}

function recording(model: Model, path: string, secrets: readonly string[]): Model {
  const recorder = new Recorder(path)
  const reserve = model.reserve?.bind(model)
  return {
    ...(reserve && { reserve }),
    async *ask(request, signal): AsyncGenerator<ModelEvent, void, undefined> {
      const hidden = hide(request, secrets)
      const place = recorder.begin()
      try {
        for await (const event of model.ask(request, signal)) {
          // It stands in the file before anybody hears of it.
          if (event.kind === 'reply') recorder.end(place, written(hidden, event.reply))
          yield event
        }
      } finally {
        recorder.end(place)
      }
    },
  }
}

function written({ asked, digest, values }: Hidden, reply: ModelReply): Omit<Recorded, 'line'> {
  return { asked, digest, reply: conceal(reply, values) }
}

function replaying(path: string, secrets: readonly string[]): Model {
  if (!isRecorded(path))
    throw new DefinitionError({
      code: 'no_recording',
      message: `There is no recording at ${path}, and it is to be replayed. Record it with REPRISE_RECORD=record in the environment, and commit it.`,
      details: { path },
    })
  const recorded = readRecording(path)
  const byDigest = Map.groupBy(recorded, ({ digest }) => digest)
  const asks = new Map<string, number>()
  return {
    async *ask(request, signal): AsyncGenerator<ModelEvent, void, undefined> {
      signal.throwIfAborted()
      const { asked, digest, values } = hide(request, secrets)
      const nth = (asks.get(digest) ?? 0) + 1
      asks.set(digest, nth)
      const same = byDigest.get(digest) ?? []
      const found = same[nth - 1]
      if (!found)
        throw notRecorded(path, request, same.length > 0 ? timesSaid(same.length) : sayNearest(recorded, asked))
      const reply = reveal(found.reply, values)
      for (const item of reply.items) if (item.kind === 'assistant') yield { kind: 'text', delta: item.text }
      yield { kind: 'reply', reply }
    },
  }
}

function notRecorded(path: string, { runId, card: { agent } }: ModelRequest, why: string): ModelError {
  return new ModelError({
    code: 'not_recorded',
    message: `What agent "${agent}" asks in the run "${runId}" is not in the recording ${path}: ${why}. If that is as it should be, record it anew with REPRISE_RECORD=record in the environment.`,
    details: { path, runId },
  })
}

function timesSaid(times: number): string {
  return `it is there ${times === 1 ? 'once' : `${times} times`}, and was asked once more`
}

function sayNearest(recorded: readonly Recorded[], asked: Asked): string {
  const [first] = recorded
  if (!first) return 'there is nothing in it'
  const nearest = recorded.reduce(
    (best, one) => (nearness(one.asked, asked) > nearness(best.asked, asked) ? one : best),
    first,
  )
  const difference = firstDifference(nearest.asked, asked)
  return `the nearest, in line ${nearest.line}, differs at ${difference?.path.slice(1)}: it has ${difference?.recorded}, and now ${difference?.now} is asked`
}

/** The more of a conversation is the same, the nearer; then what is asked over it. */
function nearness(recorded: Asked, asked: Asked): number {
  const parts = asked.items.findIndex((item, at) => firstDifference(recorded.items[at], item) !== undefined)
  const same = parts === -1 ? asked.items.length : parts
  const isOf = (name: 'card' | 'instructions' | 'allowedTools'): number =>
    firstDifference(recorded[name], asked[name]) ? 0 : 1
  const sameAgent = recorded.card.agent === asked.card.agent ? 10_000 : 0
  const length = recorded.items.length === asked.items.length ? 0.5 : 0
  return sameAgent + same + length + (isOf('card') + isOf('instructions') + isOf('allowedTools')) / 10
}
