import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FakeReply, FakeScript } from '@reprise/fake-openai'
import { expect, it } from 'vitest'
import { recordedDesk, rightPart } from './migrate.fixture.ts'
import { writtenPart } from './part/part.ts'
import type { Scene } from './part/scene.ts'

/** As much of a report as is looked at here. */
interface Report {
  readonly agents: readonly {
    readonly agent: string
    readonly verdict: { readonly kind: string; readonly runsNeeded: number | null }
    readonly runs: object
    readonly reordered: number
    readonly changes: readonly object[]
    readonly wrong: readonly { readonly what: string; readonly recorded: number; readonly candidate: number }[]
    readonly figures: readonly { readonly what: string; readonly ratio: { readonly estimate: number } | null }[]
    readonly examples: readonly { readonly runId: string; readonly changes: readonly { readonly what: string }[] }[]
  }[]
}

const MIGRATE = ['migrate', 'gpt-4.1-mini', '--to', 'gpt-6-luna'] as const

it('invents no difference where the other model does the same, bad habits and all', { tags: 'slow' }, async () => {
  // The part makes other mistakes under another name, so it is asked by the one that was recorded.
  const again = writtenPart(7)
  const same: FakeScript = (ask) => again({ ...ask, body: { ...ask.body, model: 'gpt-4.1-mini' } })
  await using desk = await recordedDesk(writtenPart(7), same)
  const { code, stdout, stderr } = await desk.reprise(...MIGRATE, '--json')
  expect([code, stderr]).toEqual([1, ''])
  const { agents } = JSON.parse(stdout) as Report
  expect(agents.map(({ agent }) => agent).toSorted()).toEqual(['orders', 'returns', 'triage'])
  for (const { verdict, reordered, changes, wrong, examples } of agents) {
    expect(verdict).toMatchObject({ kind: 'not-enough', runsNeeded: 35 })
    expect({ reordered, changes, examples }).toEqual({ reordered: 0, changes: [], examples: [] })
    expect(wrong.filter((one) => one.recorded !== one.candidate)).toEqual([])
  }
})

const call = (name: string, args: NonNullable<Scene['open'][number]['arguments']>): FakeReply => ({
  calls: [{ name, arguments: args }],
})

/** What luna does otherwise, a thing a ticket. Undefined where it does what is right. */
const PLANTED: Readonly<Record<string, (scene: Scene) => FakeReply | undefined>> = {
  // The customer before the order.
  'ticket-2': ({ tools, open: [first, second] }) =>
    tools.has('refund_order') && first?.name === 'find_order' && second?.name === 'find_customer'
      ? call(second.name, second.arguments)
      : undefined,
  // Another address than the customer's.
  'ticket-4': ({ open: [next] }) =>
    next?.name === 'change_address' ? call(next.name, { ...next.arguments, address: '1 Nowhere Lane' }) : undefined,
  // A refund before it has looked, which a rule refuses.
  'ticket-5': ({ tools, open: [next, refund], oldId, turn }) =>
    tools.has('refund_order') && next?.name === 'find_order' && refund && oldId !== undefined && turn < 4
      ? call(refund.name, refund.arguments)
      : undefined,
  // The same look twice.
  'ticket-7': ({ made, turn }) =>
    made.length === 2 && turn < 6 ? call('find_product', { words: 'ember' }) : undefined,
  // Another end, and the same words.
  'ticket-9': ({ open, role }) =>
    open.length === 0 ? { text: JSON.stringify({ ...role.answer, resolution: 'escalated' }) } : undefined,
  // An order that nobody has looked up.
  'ticket-10': ({ tools, made }) =>
    tools.has('find_order') && made.length === 0 ? call('find_order', { orderId: 'F-1234' }) : undefined,
  // An answer that breaks the schema, and then the right one.
  'ticket-11': ({ open, complaints }) =>
    open.length === 0 && complaints === 0 ? { text: '{"resolution":"done"}' } : undefined,
  // No mail.
  'ticket-12': ({ open: [next], role }) =>
    next?.name === 'send_email' ? { text: JSON.stringify(role.answer) } : undefined,
}

it('finds each difference that is there, and no other', async () => {
  const luna = rightPart((ticket, scene) => PLANTED[ticket]?.(scene))
  await using desk = await recordedDesk(rightPart(), luna)
  const { code, stdout, stderr } = await desk.reprise(...MIGRATE, '--html', 'report.html', '--results', 'answers.jsonl')
  expect([code, stderr]).toEqual([1, ''])
  const asJson = await desk.reprise(...MIGRATE, '--json', '--results', 'answers.jsonl')
  const { agents } = JSON.parse(asJson.stdout) as Report
  const found = agents.flatMap(({ agent, examples }) =>
    examples.flatMap(({ runId, changes }) => changes.map(({ what }) => `${runId}, ${agent}: ${what}`)),
  )
  expect(found.toSorted()).toEqual([
    'ticket-10, orders: Here the ways part, since it makes a call that was never recorded. The comparison ends there.',
    'ticket-11, returns: More of its answers are sent back, since they break the output schema.',
    'ticket-12, orders: It leaves a call of send_email out.',
    'ticket-2, returns: It makes the 5 calls that are in both in another order.',
    'ticket-4, orders: Here the ways part, since it makes a call that was never recorded. The comparison ends there.',
    'ticket-5, returns: A rule refuses the call of refund_order on one side alone.',
    'ticket-5, returns: It makes a call of refund_order that was not made then.',
    'ticket-5, returns: It makes the 3 calls that are in both in another order.',
    'ticket-7, triage: It makes a call of find_product that was not made then.',
    'ticket-9, returns: It gives another answer.',
  ])
  const worst = agents.map(({ agent, examples }) => [agent, examples[0]?.runId])
  expect(Object.fromEntries(worst)).toEqual({ orders: 'ticket-4', returns: 'ticket-5', triage: 'ticket-7' })
  for (const { figures } of agents)
    expect(figures.find(({ what }) => what === 'Cost')?.ratio?.estimate).toBeLessThan(0.5)
  for (const verdict of ['orders  NO-GO', 'returns  NOT ENOUGH EVIDENCE', 'triage  NOT ENOUGH EVIDENCE'])
    expect(stdout).toContain(`\n${verdict}\n`)
  const page = readFileSync(join(desk.folder, 'report.html'), 'utf8')
  expect(page).toContain('1 Nowhere Lane')
})
