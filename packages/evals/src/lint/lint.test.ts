import { existsSync } from 'node:fs'
import { type AnyDefinition, defineAgent, defineTeam, defineTool, prompt } from '@reprise/core'
import { lintDefinitions, type LintFinding, lintPrompt } from '@reprise/evals'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { BAD } from './bad.fixture.ts'
import { GOOD } from './good.fixture.ts'

function outline({ rule, line, tool, other }: LintFinding): string {
  const place = (at: { readonly line: number | null; readonly tool: string | null }) => at.line ?? at.tool
  return `${rule} ${place({ line, tool })}${other ? ` of ${place(other)}` : ''}`
}

describe('lintPrompt', () => {
  it.each(GOOD)('finds nothing in %s', (_, text) => {
    expect(lintPrompt(text).map((found) => [outline(found), found.words, found.other?.words])).toEqual([])
  })

  it.each(BAD)('of %j tells what is to be found', (text, found) => {
    expect(lintPrompt(text).map(outline)).toEqual(found)
  })

  it('says the words, those that they do not go with, why, where that is said, and what to do', () => {
    expect(lintPrompt('Always answer in English.\n\nAnswer in the language of the customer.')).toEqual([
      {
        rule: 'contradiction',
        agent: null,
        tool: null,
        line: 3,
        words: 'Answer in the language of the customer.',
        other: { words: 'Always answer in English.', line: 1, tool: null },
        why: expect.stringMatching(/^Where two instructions conflict/) as string,
        source: expect.stringMatching(/^https:/) as string,
        remedy: 'Keep one of them, or say when each of them holds.',
      },
    ])
  })

  it('finds nothing in what prompt() says by itself, and what goes against it', () => {
    const made = (instructions: string) => prompt({ role: 'You help.', instructions })({ context: undefined })
    expect(lintPrompt(made('Be kind.'))).toEqual([])
    expect(lintPrompt(made('Never ask any questions.')).map(({ rule, other }) => [rule, other?.words])).toEqual([
      ['contradiction', 'If a value that a call or an answer needs is missing and no tool gives it, ask for it.'],
    ])
    expect(lintPrompt(made('You must call a tool before each reply.'))).toEqual([])
  })

  it('takes long texts in little time', () => {
    const texts = [
      'a '.repeat(40_000),
      '"'.repeat(20_000),
      '[['.repeat(20_000),
      '{"a":'.repeat(8_000),
      '# a\n'.repeat(8_000),
    ]
    const begin = performance.now()
    for (const text of texts) lintPrompt(text)
    expect(performance.now() - begin).toBeLessThan(20_000)
  })
})

const base = { name: 'desk', model: 'm' } as const
const input = z.object({ id: z.string() })
const rest = 'The desk is open from nine to five, and closed on Sundays. '.repeat(12)

function toolOf(name: string, description: string) {
  return defineTool({ name, description, input, effect: 'read', execute: () => 'done' })
}

/** What is found of an agent. */
function found(agent: AnyDefinition, now?: Date): readonly string[] {
  return lintDefinitions([agent], now && { now }).findings.map((finding) => `${outline(finding)}: ${finding.words}`)
}

describe('lintDefinitions', () => {
  it('tells where a context is put in before text that is the same for every run', () => {
    const context = z.object({ customer: z.object({ name: z.string() }), orders: z.array(z.string()) })
    const first = defineAgent({
      ...base,
      context,
      instructions: (run) =>
        `You help ${run.context.customer.name.toUpperCase()}, with ${run.context.orders.map((id) => `#${id}`).join(', ')}.\n${rest}`,
    })
    expect(found(first)).toEqual([
      'volatile-prefix 1: You help {context.customer.name.toUpperCase()}, with #{context.orders[0]}.',
    ])
    const last = defineAgent({
      ...base,
      context,
      instructions: prompt({ context: (run) => `You help ${run.context.customer.name}.`, instructions: rest }),
    })
    expect(found(last)).toEqual([])
  })

  it('tells what is made of the clock or by chance, and the day that it is, and leaves alone what stays', () => {
    const of = (instructions: () => string) => defineAgent({ ...base, instructions })
    expect(found(of(() => `Be kind.\nIt is ${new Date().toISOString()} now.\n${rest}`))).toEqual([
      expect.stringMatching(/^volatile-prefix 2: It is 20.* now\.$/),
    ])
    expect(found(of(() => `Run ${crypto.randomUUID()}.\n${rest}`))).toHaveLength(1)
    expect(found(of(() => `Run ${Date.now()}.\n${rest}`))).toHaveLength(1)
    expect(found(of(() => `${rest}\nIt is ${new Date().toISOString()} now.`))).toEqual([])
    const dated = of(() => `Today is 30 November 2026.\n${rest}`)
    expect(found(dated, new Date('2026-11-30T12:00:00Z'))).toEqual(['volatile-prefix 1: Today is 30 November 2026.'])
    expect(found(dated, new Date('2026-12-02T12:00:00Z'))).toEqual([])
  })

  it('tells of tools that have one description, and of calls that stand in one', () => {
    const tools = [
      toolOf('find_order', 'Finds an order.'),
      toolOf('get_order', 'Finds an order'),
      toolOf('pay', 'Pays. Example: pay the order A1.'),
      toolOf('send', 'Sends a mail, as send({ to: "a" }) does.'),
      toolOf('note', 'Notes something, such as {"id": "a"}.'),
      toolOf('close', 'Closes an order, for example one that is paid. Ids are such as "A1".'),
    ]
    expect(found(defineAgent({ ...base, instructions: 'Be kind.', tools }))).toEqual([
      'same-description get_order of find_order: Finds an order',
      'example-in-description pay: Example: pay the order A1.',
      'example-in-description send: send({ to: "a" }) does.',
      'example-in-description note: {"id": "a"}.',
    ])
  })

  it('looks at each member of a team once, and says whose instructions it could not make', () => {
    const one = defineAgent({ ...base, name: 'one', version: 2, instructions: 'Always use a tool.' })
    const two = defineAgent({
      ...base,
      name: 'two',
      context: z.object({ tier: z.enum(['a', 'b']) }),
      instructions: ({ context }) => ({ a: ['Be kind.'], b: ['Be brief.'] })[context.tier].join(' '),
    })
    const team = defineTeam({ name: 'team', entry: one, handoffs: [[one, [two]]] })
    const older = defineAgent({ ...base, name: 'one', instructions: 'Be kind.' })
    const report = lintDefinitions([team, one, older])
    expect(report.findings.map(({ agent, rule }) => `${agent}: ${rule}`)).toEqual(['one: always-call-a-tool'])
    expect(report.agents).toEqual(['one', 'two'])
    expect(report.unread).toEqual([{ agent: 'two', problem: expect.stringContaining('undefined') as string }])
  })

  it('finds nothing in the agents of the examples', async () => {
    const examples = new URL('../../../../examples/', import.meta.url)
    const load = async <T>(path: string) => (await import(new URL(path, examples).href)) as T
    const { desk } = await load<{ desk: AnyDefinition }>('support-desk/desk/agents.ts')
    const { defineExtractor } = await load<{ defineExtractor: (folder: string) => AnyDefinition }>(
      'data-extraction/extraction/extractor.ts',
    )
    const { support } = await load<{ support: AnyDefinition }>('../packages/cli/template/src/support.ts')
    const { findings, agents, unread } = lintDefinitions([desk, defineExtractor('.'), support])
    expect(findings).toEqual([])
    expect([agents, unread]).toEqual([['triage', 'orders', 'returns', 'extractor', 'support'], []])
  })

  const policy = new URL('../../../../../shared/data/tau-retail/policy.md', import.meta.url)
  it.skipIf(!existsSync(policy))('finds nothing in the policy of the whole shop', async () => {
    const { shopAgent } = (await import(new URL('../../../../examples/tau-retail/agent.ts', import.meta.url).href)) as {
      shopAgent: (policy: string) => AnyDefinition
    }
    const { readFileSync } = await import('node:fs')
    expect(lintDefinitions([shopAgent(readFileSync(policy, 'utf8'))])).toMatchObject({ findings: [], unread: [] })
  })
})
