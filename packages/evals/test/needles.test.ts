import { heatmap, heatmapHtml, heatmapText, needles, runEval } from '@reprise/evals'
import { memoryStore, type ModelScript } from '@reprise/testing'
import { expect, test } from 'vitest'
import { asked, open, priced } from './shop.fixture.ts'

/** Finds what stands in the first so many characters of a text, or in the last 200. */
function reader(window: number): ModelScript {
  return (request) => {
    const { said } = asked(request)
    const [text = ''] = said.split('\n\n')
    const read = text.slice(0, window) + text.slice(-200)
    return priced({ text: /\d{7}/.exec(read)?.[0] ?? 'It is not there.' })
  }
}

test('facts are hidden at each depth of each length, and the grid shows where they are not found', async () => {
  const evaluation = needles({ model: 'gpt-4.1-mini', lengths: [500, 1_000], depths: [0, 50, 100], texts: 2, min: 0.9 })
  const { model, runtime } = open(evaluation, memoryStore(), reader(1_200))
  const { result, report } = await runEval(evaluation, { runtime })
  expect(model.requests).toBe(12)
  const grid = heatmap(result)
  expect(grid).toEqual({
    lengths: [500, 1_000],
    depths: [0, 50, 100],
    shares: [
      [1, 1],
      [1, 0],
      [1, 1],
    ],
  })
  expect(heatmapText(grid)).toEqual([
    'depth         500      1,000',
    '0 %     ███ 100 %  ███ 100 %',
    '50 %    ███ 100 %  ···   0 %',
    '100 %   ███ 100 %  ███ 100 %',
  ])
  expect(heatmapHtml(grid, 'a <b>')).toContain('Facts found in long texts: a &lt;b>')
  expect(heatmapHtml(grid, 'x').match(/<rect/g)).toHaveLength(6)
  expect(report.gates[0]).toEqual({ gate: 'found', ok: false, told: 'found is to be at least 0.9, and is 0.8333' })
  const [first] = await runtime.runs.entries(result.rows[0]?.trials[0]?.run ?? '')
  const input = first?.kind === 'run.started' ? JSON.stringify(first.body.input) : ''
  expect(input.length).toBeGreaterThan(1_900)
  expect(input.length).toBeLessThan(2_200)
})

test('the same seed hides the same facts', async () => {
  const rows = async (seed: string) => {
    const { data } = needles({ model: 'm', lengths: [200], depths: [50], seed })
    return typeof data === 'function' ? data() : data
  }
  expect(await rows('a')).toEqual(await rows('a'))
  expect(await rows('a')).not.toEqual(await rows('b'))
})

test('a number among others is not found, and one with separators is', async () => {
  const evaluation = needles({ model: 'gpt-4.1-mini', lengths: [200], depths: [0, 50, 100] })
  const { runtime } = open(evaluation, memoryStore(), (request, nth) => {
    const code = /\d{7}/.exec(asked(request).said)?.[0] ?? ''
    return priced({
      text: [`It is ${Number(code).toLocaleString('en-US')}.`, `${code} or 1234567`, code][nth - 1] ?? '',
    })
  })
  const { result } = await runEval(evaluation, { runtime, concurrency: 1 })
  expect(result.rows.map(({ trials }) => trials[0]?.scores['found'])).toEqual([1, 0, 1])
})

test('lengths and depths out of their range are refused in words', () => {
  expect(() => needles({ model: 'm', lengths: [10] })).toThrow(
    'The length is 10. Give whole numbers of 100 to 2000000, each once.',
  )
  expect(() => needles({ model: 'm', depths: [101] })).toThrow('The depth is 101.')
  expect(() => needles({ model: 'm', depths: [] })).toThrow('The depth is none.')
  expect(() => needles({ model: 'm', depths: [5, 5] })).toThrow('The depth is 5, 5, of which some are twice.')
})
