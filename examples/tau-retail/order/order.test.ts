import { after } from '@reprise/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { dataIsThere, NO_DATA, readTasks, type Task } from '../data.ts'
import { getOrder, getProduct } from '../tools/look-up.ts'
import { emissionsOf } from './emissions.ts'
import { policyRules, ruledAgent } from './ruled-agent.ts'
import { type Counted, nothingCounted, OrderTrial } from './trial.ts'

/** An order is cancelled and items of two are changed; an address and a way to pay are changed, and items sent back. */
const SAMPLE = [3, 71]

async function tried(tasks: readonly number[], every: number, agent = ruledAgent('')): Promise<Counted> {
  const trial = await OrderTrial.open(agent)
  onTestFinished(() => trial.close())
  const counted = nothingCounted()
  for (const task of tasks) await trial.try(taskOf(task), counted, every)
  return counted
}

function taskOf(number: number): Task {
  const task = readTasks().find(({ task }) => task === number)
  if (!task) throw new Error(`There is no task ${number}.`)
  return task
}

describe.skipIf(!dataIsThere)(`the shop’s policy as rules (${NO_DATA})`, () => {
  it('lets through what it allows and nothing else, in whatever order a model calls', async () => {
    const { wrong, runs, ran, refused, changes, whole } = await tried(SAMPLE, 50)
    expect(wrong).toEqual([])
    expect(Math.min(runs, ran, refused, changes, whole)).toBeGreaterThan(0)
  })

  it('is missed where there are no rules: the judge finds what is forbidden', async () => {
    const { wrong } = await tried([3], 90, ruledAgent('', []))
    expect(wrong.join('\n')).toMatch(/was run, and nobody has been authenticated/)
    expect(wrong.join('\n')).toMatch(/was run, and the order has not been looked at/)
  })

  it('is missed where a rule refuses more than it says', async () => {
    const strict = after(getOrder, getProduct)
    const { wrong } = await tried([3], 90, ruledAgent('', [...policyRules, strict]))
    expect(wrong.join('\n')).toMatch(/get_order_details was refused, and is allowed/)
  })
})

it('calls are made in all orders of all of their parts up to five, and in each other place of more', () => {
  const orders = (count: number) => {
    const calls = Array.from({ length: count }, (_, at) => ({ name: `call_${at}`, arguments: {} }))
    return emissionsOf(calls, 1).map((order) => order.map(({ name }) => name.slice(5)).join(''))
  }
  expect(orders(2).toSorted()).toEqual(['', '0', '001', '01', '010', '011', '1', '10', '101'])
  // Of five, 326 orders of all parts, and each call twice: at its place, at the end and at the beginning.
  expect(orders(5)).toHaveLength(326 + 13)
  const nine = orders(9)
  expect(nine).toEqual(
    expect.arrayContaining(['012345678', '876543210', '12345678', '1234678', '123456780', '0123456788']),
  )
  expect(new Set(nine).size).toBe(nine.length)
})
