import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setTimeout as pause } from 'node:timers/promises'
import { createRuntime, defineAgent, defineTool, type Model, type ModelReply, type ModelRequest } from '@reprise/core'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { memoryStore } from '../memory-store/memory-store.ts'
import { type ModelScript, scriptedModel } from '../scripted-model.ts'
import { record } from './record.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-record-'))
afterAll(() => rmSync(folder, { recursive: true }))

let file = ''
beforeEach(() => {
  file = join(mkdtempSync(join(folder, 'test-')), 'made/here.jsonl')
  vi.stubEnv('CI', undefined)
  vi.stubEnv('REPRISE_RECORD', undefined)
})
afterEach(() => vi.unstubAllEnvs())

const look = defineTool({
  name: 'look',
  description: 'Looks an order up.',
  input: z.object({ id: z.string() }),
  effect: 'read',
  execute: ({ id }) => ({ id, price: 12 }),
})
const base = { name: 'desk', model: 'gpt-4.1-mini', instructions: 'You help.', tools: [look] } as const
const desk = defineAgent(base)

/** Looks up, and answers. */
const script: ModelScript = ({ items }) =>
  items.length === 1 ? { calls: [{ name: 'look', arguments: { id: 'a' } }] } : { text: 'It is $12.' }

const nobody: Model = {
  ask() {
    throw new Error('The network was asked')
  },
}

async function outcomes(models: Model, inputs: readonly string[], agent = desk): Promise<unknown[]> {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  await using runtime = createRuntime({ store: memoryStore(), models, definitions: [agent], log })
  const runs = await Promise.all(inputs.map((input) => runtime.start(agent, input)))
  const ended = await Promise.all(runs.map((run) => run.outcome()))
  return ended.map((outcome) =>
    outcome.kind === 'completed' ? outcome.output : 'error' in outcome ? outcome.error.message : outcome.kind,
  )
}

async function replyTo(model: Model, request: ModelRequest): Promise<ModelReply> {
  for await (const event of model.ask(request, new AbortController().signal))
    if (event.kind === 'reply') return event.reply
  throw new Error('There was no reply')
}

function request(text: string, more: Partial<ModelRequest> = {}): ModelRequest {
  const card = { agent: 'desk', version: 1, model: 'm', settings: {}, maxOutputTokens: 9, tools: [], output: null }
  return { runId: 'r', card, instructions: 'Help.', items: [{ kind: 'user', text }], ...more }
}

describe('a recorded model', () => {
  it('answers from its file what it answered first, and asks nobody', async () => {
    const model = scriptedModel(script)
    expect(await outcomes(record(model, file), ['a', 'b'])).toEqual(['It is $12.', 'It is $12.'])
    expect(model.requests).toBe(4)
    const text = readFileSync(file, 'utf8')
    expect(await outcomes(record(nobody, pathToFileURL(file), { mode: 'replay' }), ['b', 'a'])).toEqual([
      'It is $12.',
      'It is $12.',
    ])
    expect(readFileSync(file, 'utf8')).toBe(text)
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    const [head, ...asks] = lines.map((line) => Object.keys(line).join(' '))
    expect(head).toBe('reprise version')
    // Which of two runs at once gets on first is chance.
    expect(asks.toSorted()).toEqual([
      'asked after items allowedTools reply',
      'asked after items allowedTools reply',
      'asked card instructions items allowedTools reply',
      'asked card instructions items allowedTools reply',
    ])
  })

  it('says of a request that is not there where the nearest differs first, and never asks anybody', async () => {
    await outcomes(record(scriptedModel(script), file), ['Where is a?'])
    const replay = (): Model => record(nobody, file)
    const [other] = await outcomes(replay(), ['Where is b?'])
    expect(other).toBe(
      `What agent "desk" asks in the run "${/run "(.+?)"/.exec(String(other))?.[1]}" is not in the recording ${file}: the nearest, in line 2, differs at items[0].text: it has "Where is a?", and now "Where is b?" is asked. If that is as it should be, record it anew with REPRISE_RECORD=record in the environment.`,
    )
    const kind = defineAgent({ ...base, instructions: 'You help kindly.' })
    expect((await outcomes(replay(), ['Where is a?'], kind))[0]).toContain(
      'the nearest, in line 2, differs at instructions: it has "You help.", and now "You help kindly." is asked.',
    )
    const dearer = defineAgent({ ...base, tools: [{ ...look, execute: () => ({ id: 'a', price: 13 }) }] })
    expect((await outcomes(replay(), ['Where is a?'], dearer))[0]).toContain(
      String.raw`the nearest, in line 3, differs at items[2].output: it has "{\"id\":\"a\",\"price\":12}", and now "{\"id\":\"a\",\"price\":13}" is asked.`,
    )
    expect(await outcomes(replay(), ['Where is a?', 'Where is a?'])).toEqual([
      'It is $12.',
      expect.stringContaining('it is there once, and was asked once more.'),
    ])
  })

  it('keeps the order of equal requests, and of its file, however many are asked at once and whichever ends first', async () => {
    let asks = 0
    const model: Model = {
      async *ask({ items: [first] }) {
        const nth = ++asks
        await pause((9 - nth) * 3)
        const text = `${nth} ${first?.kind === 'user' ? first.text : ''}`
        yield { kind: 'reply', reply: { items: [{ kind: 'assistant', text }], finish: 'stop', model: 'm' } }
      },
    }
    const asked = ['a', 'b', 'a', 'c', 'a', 'b']
    const all = (model: Model): Promise<ModelReply[]> => Promise.all(asked.map((text) => replyTo(model, request(text))))
    const first = await all(record(model, file))
    expect(await all(record(nobody, file))).toEqual(first)
    const text = readFileSync(file, 'utf8')
    expect(text.match(/\d [abc](?=")/g)).toEqual(['1 a', '2 b', '3 a', '4 c', '5 a', '6 b'])
  })

  it('takes requests for the same whatever run, day or pending response they are of', async () => {
    const model = record(scriptedModel([{ text: 'one' }]), file)
    await replyTo(model, request('a', { today: '2026-11-22' }))
    const later = request('a', { runId: 'other', today: '2027-01-01', pending: { responseId: 'resp_1' } })
    expect((await replyTo(record(nobody, file), later)).items).toEqual([{ kind: 'assistant', text: 'one' }])
    await expect(replyTo(record(nobody, file), request('a', { allowedTools: [] }))).rejects.toThrow(
      'differs at allowedTools: it has null, and now [] is asked',
    )
  })

  it('has no secret in its file: tokens are numbered, what the test names is hidden, and both come back', async () => {
    const [token, other] = [`secret_${'a'.repeat(22)}`, `secret_${'b'.repeat(22)}`]
    const echo = scriptedModel(({ items: [first] }) => ({ text: first?.kind === 'user' ? first.text : '' }))
    const secrets = ['key "k-\\1"', 'sk-123', '', ':']
    const said = `key "k-\\1" of ${token} and ${other}, ${token}: ${JSON.stringify({ key: secrets[0] })}`
    await replyTo(record(echo, file, { secrets }), request(said))
    const text = readFileSync(file, 'utf8')
    for (const hidden of [token, other, 'k-', 'sk-123']) expect(text).not.toContain(hidden)
    const elsewhere = said.replaceAll(token, `secret_${'c'.repeat(22)}`)
    const reply = await replyTo(record(nobody, file, { secrets }), request(elsewhere))
    expect(reply.items).toEqual([{ kind: 'assistant', text: elsewhere }])
  })

  it('records nothing of an ask that failed or was left, and everything after it', async () => {
    const model = record(
      scriptedModel((_, nth) => (nth === 1 ? Promise.reject(new Error('down')) : { text: `${nth}` })),
      file,
    )
    await expect(replyTo(model, request('a'))).rejects.toThrow('down')
    for await (const _ of model.ask(request('b'), new AbortController().signal)) break
    expect((await replyTo(model, request('a'))).items).toEqual([{ kind: 'assistant', text: '3' }])
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(2)
  })
})

describe('what a recorded model does', () => {
  const answer = (text: string): Model => scriptedModel(() => ({ text }))
  const ask = async (model: Model): Promise<unknown> => (await replyTo(model, request('a'))).items

  it('is to record once, and to replay what is there; in CI to replay alone', async () => {
    await ask(record(answer('one'), file))
    const other = file.replace('here', 'there')
    vi.stubEnv('CI', 'true')
    expect(() => record(answer('two'), other)).toThrow(
      `There is no recording at ${other}, and it is to be replayed. Record it with REPRISE_RECORD=record`,
    )
    expect(await ask(record(nobody, file))).toEqual([{ kind: 'assistant', text: 'one' }])
  })

  it('is what the environment says, before what the test does', async () => {
    vi.stubEnv('REPRISE_RECORD', 'record')
    expect(await ask(record(answer('one'), file, { mode: 'replay' }))).toEqual([{ kind: 'assistant', text: 'one' }])
    vi.stubEnv('REPRISE_RECORD', 'replay')
    expect(await ask(record(nobody, file, { mode: 'record' }))).toEqual([{ kind: 'assistant', text: 'one' }])
    vi.stubEnv('REPRISE_RECORD', 'always')
    expect(() => record(nobody, file)).toThrow(
      'The environment has REPRISE_RECORD: "always". It is to be one of: once, record, replay.',
    )
  })

  it('is refused where the file is no recording, or was changed, by its line', async () => {
    await ask(record(answer('one'), file))
    const text = readFileSync(file, 'utf8')
    const refused = (changed: string): void => {
      writeFileSync(file, changed)
      record(nobody, file)
    }
    expect(() => refused('')).toThrow(`Line 1 of the recording ${file} cannot be taken: it is no head`)
    expect(() => refused(`${text}{`)).toThrow(`Line 3 of the recording ${file} cannot be taken: it is no JSON.`)
    expect(() => refused(text.replace('"Help."', '"Hinder."'))).toThrow('Line 2 of the recording')
    expect(() => refused(`${text}{"asked":"x","after":9,"items":[],"allowedTools":null,"reply":{"items":[]}}`)).toThrow(
      'it comes after an ask that is not before it',
    )
  })
})
