// What compaction costs and saves: one long conversation against the fake server, which bills as the platform does, cached tokens
// apart. Run it by itself: `node bench/compaction.ts`. Its figures are counted, and the same on every machine.
import { type Compact, createRuntime, defineAgent, defineTool, type Model, summarize, trimResults } from '@reprise/core'
import { fakeOpenAI } from '@reprise/fake-openai'
import { openai } from '@reprise/openai'
import { memoryStore } from '@reprise/testing'
import { z } from 'zod'

/** A conversation of so many turns, each with a result of so many rows. */
interface Length {
  readonly turns: number
  readonly rows: number
}

/** Rows of about 20 tokens, others on each page. */
function pageOf(page: number, rows: number): string {
  const row = (n: number): string =>
    `order ${page * 100 + n}: shipped to customer ${(page * 7_919 + n * 31) % 9_973}, open`
  return Array.from({ length: rows }, (_, n) => row(n)).join('\n')
}

interface Side {
  readonly name: string
  readonly compact: Compact | false
  /** What the model is said to read; then it is compacted whatever that costs. */
  readonly contextTokens?: number
}

async function costOf({ compact, contextTokens }: Side, { turns, rows }: Length) {
  const read = defineTool({
    name: 'read_page',
    description: 'Reads a page of the list of orders.',
    input: z.object({ page: z.int() }),
    effect: 'read',
    execute: ({ page: number }) => pageOf(number, rows),
    maxResultTokens: Infinity,
  })
  let page = 0
  await using fake = await fakeOpenAI(({ body }) => {
    const isSum = JSON.stringify(body).includes('The conversation has grown too long')
    if (isSum)
      return { text: `The pages up to ${page} were read, and nothing was odd. ${'Order 4711 is open. '.repeat(60)}` }
    page++
    if (page > turns) return { text: 'All pages were read.' }
    return { text: `I read page ${page}.`, calls: [{ name: 'read_page', arguments: { page } }] }
  })
  const model = openai({ apiKey: 'k', baseURL: fake.url })
  const models: Model = contextTokens === undefined ? model : { ...model, figures: () => ({ contextTokens }) }
  const instructions = 'You check a list of orders, page by page. '.repeat(60)
  const budget = { turns: turns + 10 }
  const agent = defineAgent({ name: 'checker', model: 'gpt-4.1-mini', instructions, tools: [read], budget, compact })
  await using runtime = createRuntime({ store: memoryStore(), models, definitions: [agent] })
  const run = await runtime.start(agent, 'Check all pages.')
  const { kind, totals } = await run.outcome()
  const times = (await runtime.runs.entries(run.id)).filter((entry) => entry.kind === 'history.compacted').length
  return { kind, times, totals, charged: (await fake.invoice()).costNano }
}

const forced = (contextTokens: number, keep: number): Side => ({
  name: `trim all but ${keep} whenever ${Math.floor((contextTokens - 4_096) * 0.95).toLocaleString('en-US')} tokens are passed`,
  compact: trimResults({ keep }),
  contextTokens,
})

const plan: readonly (readonly [Length, readonly Side[]])[] = [
  [
    { turns: 60, rows: 60 },
    [
      { name: 'never', compact: false },
      { name: 'trim from 20,000 tokens, where it pays', compact: trimResults({ whenTokens: 20_000 }) },
      { name: 'summary from 20,000 tokens, where it pays', compact: summarize({ whenTokens: 20_000 }) },
      forced(25_150, 4),
      forced(14_622, 4),
    ],
  ],
  [
    { turns: 12, rows: 15 },
    [
      { name: 'never', compact: false },
      { name: 'trim from 2,500 tokens, where it pays', compact: trimResults({ whenTokens: 2_500 }) },
      forced(6_730, 4),
      forced(5_675, 4),
    ],
  ],
]

for (const [length, sides] of plan) {
  console.log(`${length.turns} turns, each with a result of ${length.rows} rows`)
  let whole = 0
  for (const side of sides) {
    const { kind, times, totals, charged } = await costOf(side, length)
    whole ||= charged
    const cached = Math.round((100 * totals.cachedTokens) / totals.inputTokens)
    const tokens = `${totals.inputTokens.toLocaleString('en-US')} tokens read, ${cached} % cached`
    console.log(`  ${(charged / whole).toFixed(2)}x  ${side.name}: ${times} times, ${tokens}, ${kind}`)
  }
}
