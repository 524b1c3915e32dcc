import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, expect, it } from 'vitest'
import { type DemoEnd, demoHere } from '../demo-here.fixture.ts'
import { demo } from './demo.ts'
import { type Demo, startDemo } from './run-demo.ts'
import { block, contents, tempFolder } from './temp-folder.fixture.ts'

const CHANGES = `What was changed in the shop:
  ticket-1   give_credit          c-ada               $10.00, F-1001 is late
  ticket-1   send_email           ada@example.com     Your order F-1001
  ticket-2   refund_order         F-1002              $48.00, damaged
  ticket-2   send_email           ben@example.com     Your refund for F-1002
  ticket-3   escalate             c-carla             F-1003 (tent, $420.00) came with two snapped poles. The customer wants all of it back, which is over the limit of the desk.
  ticket-3   send_email           carla@example.com   Your order F-1003
  ticket-4   change_address       F-1004              5 Old Quay, Bristol -> 18 Windmill Road, Bristol BS3
  ticket-4   send_email           dmitri@example.com  New address for F-1004
  ticket-6   give_credit          c-frank             $10.00, F-1007 is late
  ticket-6   refund_order         F-1006              $32.50, damaged
  ticket-6   send_email           frank@example.com   Your orders F-1006 and F-1007
  ticket-8   cancel_order         F-1009              processing -> cancelled
  ticket-8   send_email           hugo@example.com    F-1009 is cancelled
  ticket-9   refund_order         F-1010              $85.00, double_charge
  ticket-9   send_email           ines@example.com    Your refund for F-1010
  ticket-11  create_return_label  F-1012              JACKET-M, label RT-5AE5C2C6
  ticket-11  send_email           kate@example.com    Your return label for F-1012
  ticket-12  give_credit          c-liam              $15.00, four pegs missing in F-1013
  ticket-12  send_email           liam@example.com    Pegs of F-1013`

const TABLE_HEAD = 'ticket      outcome         actions'

const OUTCOMES = [
  ['ticket-1', 'solved'],
  ['ticket-2', 'solved'],
  ['ticket-3', 'escalated'],
  ['ticket-4', 'solved'],
  ['ticket-5', 'declined'],
  ['ticket-6', 'solved'],
  ['ticket-7', 'solved'],
  ['ticket-8', 'solved'],
  ['ticket-9', 'solved'],
  ['ticket-10', 'needs_customer'],
  ['ticket-11', 'solved'],
  ['ticket-12', 'solved'],
]

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
  expect(outcomes(first.stdout)).toEqual(OUTCOMES)
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
  expect(outcomes(stdout)).toEqual(OUTCOMES)
  expect(block(stdout, 'What was changed')).toBe(CHANGES)
  expect(code).toBe(0)
})

it('an interrupt finishes what is under way and says how to go on', async () => {
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
  expect(outcomes(first.stdout)).toEqual([['mine', 'escalated']])
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

function outcomes(stdout: string): string[][] {
  return block(stdout, 'ticket ')
    .split('\n')
    .slice(2, -2)
    .map((line) => line.split(/\s+/).slice(0, 2))
}

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
