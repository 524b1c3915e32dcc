import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, expect, it } from 'vitest'
import { type DemoEnd, demoHere } from '../demo-here.fixture.ts'
import { demo } from './demo.ts'
import { CHANGES, OUTCOMES, outcomesOf } from './ends.fixture.ts'
import { type Demo, startDemo } from './run-demo.ts'
import { block, contents, tempFolder } from './temp-folder.fixture.ts'

const TABLE_HEAD = 'ticket      outcome         actions'

const BOOKS = 'The books are right: every key made one effect, and what the journals say is what was done.\n'

const NOTHING_RAN = 'Nothing ran, since every ticket had ended before. The books still agree'

const data = tempFolder()
let first: DemoEnd
beforeAll(async () => {
  first = await demoHere(demo, ['--data', data])
})

it('the demo works its tickets, says what it did, and then has nothing left to do but to check the books', async () => {
  expect(first.stderr).toBe('')
  expect(first.stdout).toMatch(
    /^OPENAI_API_KEY is not set: no model answers, but a written part .* \(seed 21\), from a server on http:\/\/127\.0\.0\.1:\d+\/v1\.\n\nWhat happens to each ticket, a line for each step:\n/,
  )
  const [, legend = ''] = first.stdout.split('\n\n')
  const signs = new Set(first.stdout.match(/(?<=^ticket-\d+ +)\S(?= )/gm))
  for (const sign of signs) expect(legend).toContain(` ${sign}  `)
  expect(outcomesOf(first.stdout)).toEqual(OUTCOMES)
  expect(block(first.stdout, 'What was changed')).toBe(CHANGES)
  expect(first.stdout.endsWith(BOOKS)).toBe(true)
  expect(first.code).toBe(0)

  const journal = contents(data)['desk.db']
  const again = await demoHere(demo, ['--data', data])
  const said = again.stdout.split('\n').filter((line) => line.startsWith('ticket-') && line.includes(' # '))
  expect(said.toSorted()).toEqual(
    OUTCOMES.map(([ticket, outcome]) => `${ticket?.padEnd(10)} # ${outcome}, and was before`).toSorted(),
  )
  expect(block(again.stdout, TABLE_HEAD)).toBe(block(first.stdout, TABLE_HEAD))
  expect(again.stdout.endsWith(BOOKS.replace('The books are right', NOTHING_RAN))).toBe(true)
  expect(block(again.stdout, 'What was changed')).toBe(CHANGES)
  expect(again.code).toBe(0)
  expect(contents(data)['desk.db']).toBe(journal)

  // Somebody tampers with the books: it is noticed.
  const shop = new Database(join(data, 'shop.db'))
  shop.exec(
    "insert into refunds (order_id, cents, reason, key) select order_id, cents, reason, key from refunds where order_id = 'F-1002'",
  )
  shop.close()
  const [mail = ''] = readFileSync(join(data, 'outbox.jsonl'), 'utf8').split('\n')
  appendFileSync(join(data, 'outbox.jsonl'), `${JSON.stringify({ ...JSON.parse(mail), ticket: 'ticket-7' })}\n`)
  const tampered = await demoHere(demo, ['--data', data])
  expect(tampered.stdout.split('\n').slice(-5, -1)).toEqual([
    'Order F-1002 was refunded 2 times.',
    expect.stringMatching(/^The key ticket-2\/\S+ stands for 2 effects\.$/),
    'The journal of ticket-2 says "refund_order, send_email", and what was done is "refund_order, refund_order, send_email".',
    'The journal of ticket-7 says "", and what was done is "send_email".',
  ])
  expect(tampered.code).toBe(1)
})

it('other mistakes of the part change nothing in what is done', async () => {
  const { code, stdout } = await demoHere(demo, ['--data', tempFolder(), '--seed', '1'])
  expect(block(stdout, TABLE_HEAD)).not.toBe(block(first.stdout, TABLE_HEAD))
  expect(outcomesOf(stdout)).toEqual(OUTCOMES)
  expect(block(stdout, 'What was changed')).toBe(CHANGES)
  expect(code).toBe(0)
})

it('an interrupt finishes what is under way and says how to go on', { tags: 'slow' }, async () => {
  const data = tempFolder()
  const stopped = startDemo(['--data', data])
  await firstTool(stopped)
  stopped.child.kill('SIGINT')
  const { code, stdout } = await stopped.end
  expect(stdout).toMatch(/\nStopped: \d+ of 12 tickets are done\. The same command goes on with the others\.\n$/)
  expect(code).toBe(130)

  const rest = await demoHere(demo, ['--data', data])
  expect(rest.stdout).toContain(' = goes on where it was\n')
  expect(block(rest.stdout, 'What was changed')).toBe(CHANGES)
  expect(rest.code).toBe(0)
})

it("a user's own tickets are worked, and --fresh starts over with them", async () => {
  const data = tempFolder()
  const tickets = join(tempFolder(), 'mine.json')
  writeFileSync(tickets, JSON.stringify([{ id: 'mine', from: 'ada@example.com', text: 'Do you sell kayaks?' }]))
  const first = await demoHere(demo, ['--data', data, '--tickets', tickets])
  expect(outcomesOf(first.stdout)).toEqual([['mine', 'escalated']])
  expect(block(first.stdout, 'What was changed')).toBe(
    'What was changed in the shop:\n  mine  escalate  c-ada  The written part does not know this ticket. Please read it.',
  )
  expect(first.code).toBe(0)

  writeFileSync(tickets, JSON.stringify([{ id: 'mine', from: 'ben@example.com', text: 'Do you sell canoes?' }]))
  const clash = await demoHere(demo, ['--data', data, '--tickets', tickets])
  expect(clash.stdout).toContain('mine       # cannot be worked: The run "mine" exists with another input')
  expect(clash.code).toBe(1)

  const fresh = await demoHere(demo, ['--data', data, '--tickets', tickets, '--fresh'])
  expect(block(fresh.stdout, 'What was changed')).toContain('mine  escalate  c-ben')
  expect(fresh.code).toBe(0)
})

/** Waits until the first tool has returned. */
function firstTool({ child, end }: Demo): Promise<unknown> {
  const seen = new Promise<void>((resolve) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (/^ticket-\d+ +\+ /m.test(text)) resolve()
    })
  })
  return Promise.race([seen, end])
}
