import type { Item } from '@reprise/core'
import { describe, expect, test } from 'vitest'
import { card, requestOf } from '../ask.fixture.ts'
import { readCassettes, recordingsAreThere } from '../wire/recordings.fixture.ts'
import { requestOfStep } from '../wire/requests.fixture.ts'
import { apiOf, replyOf } from '../wire/steps.fixture.ts'
import { countTokens } from './count-tokens.ts'
import { imageTokens, patches, tiles } from './image.ts'
import { imageSize } from './image-size.ts'
import { loadCount } from './tokenizer.ts'

const count = await loadCount()

/** How far off the counts of recorded requests are, by what is in the requests. */
async function errors(): Promise<Record<'plain' | 'pictures' | 'tools' | 'format', number[]>> {
  const off = { plain: [], pictures: [], tools: [], format: [] } as Record<
    'plain' | 'pictures' | 'tools' | 'format',
    number[]
  >
  for (const step of readCassettes().flatMap(({ steps }) => steps)) {
    const request = apiOf(step) && step.status === 200 ? requestOfStep(step) : undefined
    const used = replyOf(step).inputTokens
    if (!request || used === undefined) continue
    const { tools, output } = request.card
    const pictures = request.items.some(
      (item) => item.kind === 'user' && item.parts?.some(({ kind }) => kind === 'image'),
    )
    const kind = output ? 'format' : tools.length > 0 ? 'tools' : pictures ? 'pictures' : 'plain'
    off[kind].push(((await countTokens(request)) - used) / (kind === 'tools' ? used : 1))
  }
  return off
}

describe.skipIf(!recordingsAreThere)('a count (skipped where ../shared/data is not there)', () => {
  test('is what the platform charged, to the token for words and pictures, and close to it for tools', async () => {
    const { plain, pictures, tools, format } = await errors()
    expect([plain.length, pictures.length, tools.length, format.length]).toEqual([421, 33, 155, 140])
    expect(plain.filter((off) => off !== 0)).toEqual([-1])
    expect(pictures.filter((off) => off !== 0)).toEqual([])
    expect(format.filter((off) => Math.abs(off) > 15)).toEqual([])
    expect(tools.filter((off) => Math.abs(off) > 0.02).length).toBeLessThan(tools.length / 4)
    expect(tools.filter((off) => Math.abs(off) > 0.08)).toEqual([])
  })
})

describe('a count', () => {
  test('has the framing of messages, calls and outputs in it', async () => {
    const bare = { ...card, tools: [] }
    const items: Item[] = [
      { kind: 'user', text: 'Hi' },
      { kind: 'call', callId: 'c', name: 'look', arguments: '{}' },
      { kind: 'result', callId: 'c', output: 'seen' },
    ]
    const tokens = await countTokens({ ...requestOf(items), card: bare, instructions: '' })
    expect(tokens).toBe(3 + (3 + 1 + 1) + (9 + count('look') + count('{}')) + (6 + count('seen')))
  })

  test('of a conversation that grows counts only what is new', async () => {
    let reads = 0
    const counted = (text: string): Item => ({
      kind: 'user',
      get text() {
        reads += 1
        return text
      },
    })
    const items = [counted('one'), counted('two')]
    await countTokens(requestOf(items))
    items.push(counted('three'))
    await countTokens(requestOf(items))
    expect(reads).toBe(3)
  })

  test('takes marks of the encoding in a user’s words for words', () => {
    expect(count('<|endoftext|>')).toBeGreaterThan(1)
  })

  test.for([
    ['letters', 'abcdefghij'],
    ['signs', '=-+*/#'],
    ['blanks', ' \t'],
    ['characters of two halves', '𝒳𝒴𝒵'],
    ['Chinese', '日本語の文章'],
  ] as const)('of text without breaks (%s) takes no longer a character than of a short one', ([, part]) => {
    const cpu = (length: number) => {
      const text = part.repeat(length / part.length)
      // The least of several: the processor's time is the whole process's, with what others collect in it meanwhile.
      // No two are of one text, whose count is remembered.
      const times = Array.from({ length: 5 }, (_, round) => {
        const start = process.cpuUsage()
        count(text.slice(2 * round))
        const { user, system } = process.cpuUsage(start)
        return user + system
      })
      return Math.min(...times)
    }
    // Ten times the text would take a hundred times as long.
    expect(cpu(40_000)).toBeLessThan(40 * Math.max(cpu(4_000), 1_000))
  })

  test('of a million tokens takes less than two seconds of one processor', () => {
    const words = 'The customer said that order 4711 arrived broken and wants 12.50 EUR back today, please check. '
    const text = words.repeat(Math.ceil(1_000_000 / count(words)))
    const start = process.cpuUsage()
    const tokens = count(text)
    const { user, system } = process.cpuUsage(start)
    expect(tokens).toBeGreaterThan(950_000)
    expect((user + system) / 1_000_000).toBeLessThan(2)
  })
})

describe('a picture', () => {
  test.for([
    [1024, 1024, 1024],
    [1800, 2400, 1452],
    [32, 32, 1],
    [33, 32, 2],
    [10_000, 10_000, 1521],
  ] as const)('of %i x %i pixels has %i patches', ([width, height, expected]) => {
    expect(patches({ width, height })).toBe(expected)
  })

  test.for([
    [1024, 1024, 4],
    [2048, 4096, 6],
    [512, 512, 1],
    [1, 1, 1],
  ] as const)('of %i x %i pixels has %i tiles', ([width, height, expected]) => {
    expect(tiles({ width, height })).toBe(expected)
  })

  test('counts by the model, and as the largest where its size cannot be told', () => {
    const image = { kind: 'image', url: 'https://o.example/1.png' } as const
    expect(imageTokens(image, 'gpt-4.1-mini')).toBe(1 + Math.ceil(1536 * 1.62))
    expect(imageTokens(image, 'ft:gpt-4.1-mini-2025-04-14:acme::1')).toBe(imageTokens(image, 'gpt-4.1-mini'))
    expect(imageTokens(image, 'gpt-4.1')).toBe(85 + 8 * 170)
    expect(imageTokens({ ...image, detail: 'low' }, 'gpt-4o')).toBe(85)
  })

  const heads: readonly [string, string, number[]][] = [
    ['png', '8950 4e47 0d0a 1a0a 0000 000d 4948 4452 0000 0320 0000 0258', [800, 600]],
    ['gif', '4749 4638 3961 2003 5802', [800, 600]],
    ['jpeg', 'ffd8 ffe0 0004 0000 ffc0 0011 08 0258 0320', [800, 600]],
    ['webp', '5249 4646 0000 0000 5745 4250 5650 3858 0a00 0000 0000 0000 1f03 0057 0200', [800, 600]],
  ]
  test.for(heads)('tells its size as %s', ([type, hex, [width, height]]) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    expect(imageSize(`data:image/${type};base64,${bytes.toString('base64')}`)).toEqual({ width, height })
  })

  test('that is cut short or none tells no size', () => {
    for (const url of [
      'data:image/png;base64,iVBORw==',
      'data:image/png;base64,',
      'data:text/plain,x',
      'https://o.example',
    ])
      expect(imageSize(url)).toBeUndefined()
  })
})
