import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ContentPart, InputItem, ResponsesBody } from '../script/body.ts'
import { fakeModels } from '../models/table.ts'
import type { FakeLane, FakeReply } from '../script/script.ts'
import { translate } from '../chat/translate.ts'
import type { ChatBody } from '../chat/body.ts'
import { PrefixCache } from './prefix-cache.ts'
import { PromptTree } from './prompt-tree.ts'
import type { Segment } from './segments.ts'
import { loadTokenizer } from './tokenizer.ts'
import { Meter } from './usage.ts'

const tokenize = await loadTokenizer()
const mini = fakeModels.get('gpt-4.1-mini')!
const luna = fakeModels.get('gpt-6-luna')!

function bodyOf(...texts: string[]): ResponsesBody {
  return { model: mini.id, input: texts.map((content): InputItem => ({ role: 'user', content })) }
}

/** Words that are one token each. */
function words(count: number): string {
  return ' word'.repeat(count)
}

/** Makes requests one after the other and gives the cached tokens of each. */
function cachedOf(bodies: readonly ResponsesBody[], { model = mini, minTokens = 1024 } = {}): number[] {
  const meter = new Meter(tokenize, minTokens)
  return bodies.map((body) => meter.charge(meter.prompt(body), model, [{}]).input_tokens_details.cached_tokens)
}

describe('the prompt cache', () => {
  test('takes prefixes in steps of 128 tokens, from 1,024 on', () => {
    // A message is 4 tokens more than its words, and the opening of the reply 3.
    expect(cachedOf([bodyOf(words(1016)), bodyOf(words(1016))])).toEqual([0, 0])
    expect(cachedOf([bodyOf(words(1020)), bodyOf(words(1020))])).toEqual([0, 1024])
    expect(cachedOf([bodyOf(words(1300)), bodyOf(words(1300))])).toEqual([0, 1280])
  })

  test('begins where it is told to', () => {
    expect(cachedOf([bodyOf(words(1300)), bodyOf(words(1300))], { minTokens: 2048 })).toEqual([0, 0])
    expect(cachedOf([bodyOf(words(2300)), bodyOf(words(2300))], { minTokens: 2048 })).toEqual([0, 2304])
  })

  test('shares the beginning of a text, not only whole messages', () => {
    const [, cached] = cachedOf([bodyOf(`${words(1500)} one`), bodyOf(`${words(1500)} two`)])
    expect(cached).toBe(1408)
  })

  test('is of no use when the beginning differs', () => {
    expect(cachedOf([bodyOf('a', words(2000)), bodyOf('b', words(2000))])).toEqual([0, 0])
    const tool = {
      type: 'function',
      name: 'f',
      description: 'Does f.',
      parameters: { type: 'object', properties: {} },
    } as const
    const withTool = { ...bodyOf(words(2000)), tools: [tool] }
    expect(cachedOf([withTool, { ...withTool, tools: [{ ...tool, name: 'g' }] }])).toEqual([0, 0])
  })

  test('stays warm when a choice narrows the tools', () => {
    const tool = { type: 'function', name: 'f', parameters: { type: 'object', properties: {} } } as const
    const body = { ...bodyOf(words(2000)), tools: [tool] }
    const choice = { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] }
    expect(cachedOf([body, { ...body, tool_choice: choice }])).toEqual([0, 1920])
  })

  test('is of no use to a batch, unless its model is of GPT-6', () => {
    const meter = new Meter(tokenize, 1024)
    const prompt = meter.prompt(bodyOf(words(2000)))
    const cachedBy = (model: typeof mini, lane: FakeLane) =>
      meter.charge(prompt, model, [{}], { lane }).input_tokens_details.cached_tokens
    expect([cachedBy(mini, 'live'), cachedBy(mini, 'batch'), cachedBy(mini, 'live')]).toEqual([0, 0, 1920])
    expect([cachedBy(luna, 'live'), cachedBy(luna, 'batch')]).toEqual([0, 1920])
  })

  test('is each model’s own', () => {
    const meter = new Meter(tokenize, 1024)
    const prompt = meter.prompt(bodyOf(words(2000)))
    const cached = [mini, luna, mini].map((model) => meter.charge(prompt, model, [{}]).input_tokens_details)
    expect(cached).toEqual([
      { cached_tokens: 0, cache_write_tokens: 0 },
      { cached_tokens: 0, cache_write_tokens: 1920 },
      { cached_tokens: 1920, cache_write_tokens: 0 },
    ])
  })

  test('holds what a comparison of the whole prompts would find', () => {
    // Few tokens and short segments, so that prompts share beginnings across the borders of segments.
    const segment = fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 300 })
    const prompts = fc.array(fc.array(segment, { maxLength: 4 }), { minLength: 2, maxLength: 6 })
    const common = fc.array(fc.constant(7), { maxLength: 600 })
    fc.assert(
      fc.property(common, prompts, (beginning, tails) => {
        const tree = new PromptTree()
        const cache = new PrefixCache(128)
        const seen: number[][] = []
        for (const tail of tails) {
          const parts = [beginning, ...tail]
          const prompt = tree.read(
            parts.map((tokens): Segment => ({ key: JSON.stringify(tokens), tokens: () => tokens })),
          )
          const whole = parts.flat()
          const longest = Math.max(0, ...seen.map((other) => sharedBlocks(whole, other)))
          expect(prompt.tokens).toBe(whole.length)
          expect(cache.use('m', prompt).cached).toBe(longest * 128)
          seen.push(whole)
        }
      }),
    )
  })
})

function sharedBlocks(one: readonly number[], other: readonly number[]): number {
  const differs = one.findIndex((token, index) => other[index] !== token)
  return Math.floor((differs === -1 ? one.length : differs) / 128)
}

describe('counting', () => {
  test('reads what is new of a conversation, and no more', () => {
    let read = 0
    const meter = new Meter((text) => {
      read += text.length
      return tokenize(text)
    }, 1024)
    const input: InputItem[] = []
    const perTurn: number[] = []
    for (let turn = 0; turn < 1000; turn += 1) {
      input.push({ role: 'user', content: `turn ${turn} ${words(100)}` })
      const before = read
      meter.prompt({ model: mini.id, instructions: 'Be kind.', input })
      perTurn.push(read - before)
    }
    expect(Math.max(...perTurn.slice(1))).toBeLessThan(520)
  })

  test('takes time that grows with the length, even where nothing breaks the text', { tags: 'slow' }, () => {
    const before = process.cpuUsage()
    const tokens = ['a', ' ', '!-', 'ü', '😀'].map((unit) => tokenize(unit.repeat(1_000_000 / unit.length)).length)
    // Without cutting, the first of these alone takes minutes.
    expect(process.cpuUsage(before).user).toBeLessThan(20_000_000)
    expect(tokens[0]).toBe(125_000)
  })

  test('cuts no text that has breaks, and splits no character', () => {
    expect(tokenize('word '.repeat(1000)).length).toBe(1001)
    expect(tokenize('😀'.repeat(300)).length).toBe(300 * tokenize('😀').length)
    expect(tokenize('<|endoftext|>').length).toBeGreaterThan(1)
  })

  test('charges for pictures by their size, as each model does', () => {
    const png = (width: number, height: number) => {
      const bytes = Buffer.alloc(32)
      bytes.write('\u0089PNG', 'latin1')
      bytes.writeUInt32BE(width, 16)
      bytes.writeUInt32BE(height, 20)
      return `data:image/png;base64,${bytes.toString('base64')}`
    }
    const meter = new Meter(tokenize, 1024)
    const tokensOf = (model: string, ...content: ContentPart[]) =>
      meter.prompt({ model, input: [{ role: 'user', content }] }).tokens
    const cost = (model: string, url: string, detail = 'auto') =>
      tokensOf(model, { type: 'input_image', image_url: url, detail }) - tokensOf(model)
    // 1024 and 1452 patches, as the platform's guide works out.
    expect(cost('gpt-4.1-mini', png(1024, 1024))).toBe(1 + Math.ceil(1024 * 1.62))
    expect(cost('gpt-4.1-nano', png(1800, 2400))).toBe(1 + Math.ceil(1452 * 2.46))
    expect(cost('gpt-4.1-2025-04-14', png(1024, 1024))).toBe(85 + 4 * 170)
    expect(cost('gpt-4.1', png(1024, 1024), 'low')).toBe(85)
    const jpeg = Buffer.from('ffd8ffe00004aaaaffc0001108', 'hex')
    const whole = Buffer.concat([jpeg, Buffer.from([1, 224, 2, 128]), Buffer.alloc(20)])
    expect(cost('gpt-4.1-mini', `data:image/jpeg;base64,${whole.toString('base64')}`)).toBe(1 + Math.ceil(300 * 1.62))
    expect(cost('gpt-4.1-mini', 'https://example.com/a.png')).toBe(1 + Math.ceil(1536 * 1.62))
  })

  test('charges for words and calls', () => {
    const meter = new Meter(tokenize, 1024)
    const calls = [{ name: 'get_weather', arguments: { location: 'Paris, France' } }]
    const output = (reply: object) => meter.charge(meter.prompt(bodyOf('Hi')), mini, [reply]).output_tokens
    expect([output({}), output({ text: '1, 2, 3' }), output({ calls }), output({ refusal: 'No' })]).toEqual([
      0, 8, 17, 2,
    ])
  })
})

describe('a limit of tokens', () => {
  const meter = new Meter(tokenize, 1024)
  const calls = [{ name: 'get_weather', arguments: { location: 'Paris, France' } }]
  const cutTo = (maxTokens: number, reply: FakeReply) => meter.cut(reply, maxTokens, 'responses')

  test('leaves a reply alone that keeps to it', () => {
    const reply = { text: 'one two', calls }
    expect(cutTo(20, reply)).toBe(reply)
  })

  test('cuts words where they reach it, and says nothing after them', () => {
    expect(cutTo(4, { text: 'one two three four five', calls, deltas: 2 })).toEqual({
      text: 'one two three',
      calls: [],
      deltas: 2,
      reasoningTokens: 0,
      finish: 'length',
    })
  })

  test('cuts the arguments of a call', () => {
    expect(cutTo(14, { calls })).toMatchObject({ calls: [{ arguments: '{"location":"Par' }], finish: 'length' })
  })

  test('counts reasoning first, which may use it up', () => {
    expect(cutTo(16, { text: 'one', reasoningTokens: 90 })).toMatchObject({ text: '', reasoningTokens: 16 })
  })

  test('cuts no character in two, and charges what is allowed', () => {
    const cut = cutTo(20, { text: '😀🎉'.repeat(100) })
    expect(cut.text).toMatch(/^(?:😀🎉)+😀?$/u)
    expect(meter.charge(meter.prompt(bodyOf('Hi')), mini, [cut]).output_tokens).toBeLessThanOrEqual(20)
  })
})

const file = new URL('../../../../../shared/data/openai/cassettes.jsonl', import.meta.url)
const there = existsSync(file)

interface Step {
  readonly path: string
  readonly status: number
  readonly reqBody: string | object
  readonly respJson?: WireBody
  readonly respText?: string
}

interface WireBody {
  readonly usage?: { readonly input_tokens: number; readonly prompt_tokens: number } | null
}

function recordedSteps(path: string): Step[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  const steps = lines.flatMap((line) => (JSON.parse(line) as { readonly steps: readonly Step[] }).steps)
  return steps.filter((step) => step.path === path && step.status === 200)
}

/** The requests of the Responses API that consist of text alone, with the tokens that the platform counted. */
function recorded(): { readonly body: ResponsesBody; readonly counted: number }[] {
  const other = /item_reference|input_image|input_file|web_search|previous_response_id/
  return recordedSteps('/v1/responses')
    .filter(({ reqBody }) => !other.test(JSON.stringify(reqBody)))
    .flatMap(({ reqBody, respJson, respText }) => {
      const body = (typeof reqBody === 'string' ? JSON.parse(reqBody) : reqBody) as ResponsesBody
      const last = respText?.match(/^data: (\{"type":"response\.(?:completed|incomplete)".*)$/m)?.[1]
      const usage = respJson ?? (last && (JSON.parse(last) as { readonly response: WireBody }).response) ?? undefined
      if (!usage || !usage.usage) return []
      const input = (
        typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : body.input
      ) as InputItem[]
      return [{ body: { ...body, input }, counted: usage.usage.input_tokens }]
    })
}

/** The requests of Chat Completions that consist of words and pictures, with the tokens that the platform counted. */
function recordedChat(): { readonly body: ResponsesBody; readonly counted: number }[] {
  return recordedSteps('/v1/chat/completions')
    .filter(({ reqBody }) => !/"file"|input_audio|example\.com/.test(JSON.stringify(reqBody)))
    .flatMap(({ reqBody, respJson, respText }) => {
      const body = (typeof reqBody === 'string' ? JSON.parse(reqBody) : reqBody) as ChatBody
      const last = respText?.match(/^data: (\{.*"usage":\{.*\})$/m)?.[1]
      const { usage } = respJson ?? (last ? (JSON.parse(last) as WireBody) : {})
      return usage ? [{ body: translate(body), counted: usage.prompt_tokens }] : []
    })
}

describe.skipIf(!there)('recorded usage (skipped where ../shared/data is not there)', () => {
  test('of the Responses API is what the fake counts: exactly, but for calls in parallel and a few tools', () => {
    const meter = new Meter(tokenize, 1024)
    const off = recorded().map(({ body, counted }) => counted - meter.prompt(body).tokens)
    expect([off.length, off.filter((difference) => difference === 0).length]).toEqual([127, 113])
    expect(Math.max(...off.map(Math.abs))).toBeLessThanOrEqual(13)
  })

  test('of Chat Completions is what the fake counts: exactly for words and pictures, nearly for tools and formats', () => {
    const meter = new Meter(tokenize, 1024)
    const off = recordedChat().map(({ body, counted }) => ({
      words: !body.tools && !body.text,
      difference: Math.abs(counted - meter.prompt(body, 'chat').tokens),
    }))
    const within = (tokens: number) => off.filter(({ difference }) => difference <= tokens).length
    expect([off.length, within(0), within(8)]).toEqual([677, 456, 629])
    expect(off.filter(({ words, difference }) => words && difference > 1)).toEqual([])
  })
})
