import { expect, it } from 'vitest'
import { demoHere } from '../demo-here.fixture.ts'
import { holdChat } from './chat/hold.fixture.ts'
import { demo } from './demo.ts'
import { folderAt } from './folder.ts'
import { readChanges } from './show/changes.ts'
import { tempFolder } from './temp-folder.fixture.ts'

const REFUND = 'My tent of F-1003 came with two snapped poles. I want my money back.'
const FOUND = expect.stringMatching(/^ {2}\+ find_order \{"orderId":"F-1003"\} -> \{"orderId":"F-1003",/) as string
const ASKED =
  '  ? refund_order {"orderId":"F-1003","amountUsd":420,"reason":"damaged"} waits for somebody to allow it: /approve, or /reject WHY'
const REFUNDED =
  '  + refund_order {"orderId":"F-1003","amountUsd":420,"reason":"damaged"} -> {"orderId":"F-1003","refundedUsd":420}'

/** The lines of a chat over a pipe, without what the model's server has failed at. */
async function talk(data: string, lines: readonly string[], ...args: string[]): Promise<string[]> {
  const { code, stdout } = await holdChat(
    ['--chat', '--data', data, ...args],
    lines.map((line) => `${line}\n`).join(''),
  )
  expect(code).toBe(0)
  const all = stdout.split('\n').filter((line) => !line.startsWith('  ~') && !line.endsWith(' [broken off]'))
  const begin = all.findIndex((line) => line.startsWith('The chat "')) + 1
  return all.slice(begin, all.indexOf('', begin))
}

async function changesIn(data: string): Promise<string[]> {
  return readChanges(folderAt(data), []).map(({ tool, to, what }) => `${tool} ${to} ${what}`)
}

it('what is over the limit waits for somebody, through a new start, and is paid once', async () => {
  const data = tempFolder()
  expect(await talk(data, [REFUND, '/quit', 'This is not read.'])).toEqual([`you: ${REFUND}`, FOUND, ASKED])
  expect(await changesIn(data)).toEqual([])

  // A message that comes meanwhile waits for its turn.
  const again = 'Please refund F-1003 again.'
  expect(await talk(data, [again, '/approve', '/approve'])).toEqual([
    `you: ${REFUND}`,
    FOUND,
    ASKED,
    '  = 1 more message waits behind that',
    '  ! refund_order is allowed by the shop',
    REFUNDED,
    expect.stringMatching(/^ {2}\+ send_email .* -> \{"sentTo":"carla@example\.com"\}$/),
    'desk: We have refunded $420.00 for F-1003, and a mail confirms it.',
    `you: ${again}`,
    FOUND,
    FOUND,
    '  x refund_order is refused: An order is refunded once.',
    'desk: I am sorry, that cannot be done. An order is refunded once.',
    'Nothing waits for a decision.',
  ])
  expect(await changesIn(data)).toEqual([
    'refund_order F-1003 $420.00, damaged',
    'send_email carla@example.com Your refund for F-1003',
  ])
})

it('what is refused is not paid, and the customer reads why', async () => {
  const data = tempFolder()
  const lines = await talk(data, [REFUND, '/reject The poles can be replaced.'])
  expect(lines.slice(2)).toEqual([
    ASKED,
    '  ! refund_order is refused by the shop',
    expect.stringMatching(/^desk: I am sorry, that cannot be done\. .*The poles can be replaced\.$/),
  ])
  expect(await changesIn(data)).toEqual([])
})

it('what a customer has said to remember is known in a later chat, and of nobody else', async () => {
  const data = tempFolder()
  await talk(data, ['Please remember that I sleep cold.'])
  const ask = 'What do you know about me?'
  expect(await talk(data, [ask], '--session', 'another')).toEqual([
    `you: ${ask}`,
    '  = what is known of the customer: sleeping',
    'desk: You have told us: I sleep cold.',
  ])
  expect(await talk(data, [ask], '--session', 'adas', '--as', 'ada@example.com')).toEqual([
    `you: ${ask}`,
    'desk: Nothing yet: tell me what I should remember.',
  ])
})

it('a chat shows its last messages when it goes on, and a message that is sent again is heard once', async () => {
  const data = tempFolder()
  const ask = 'Is there a tent for two?'
  const [, , answer = ''] = await talk(data, [`/id m-1 ${ask}`])
  const said = [`you: ${ask}`, answer]
  expect(answer).toMatch(/^desk: We have .*Ridge tent for two \(\$189\.00\)/)
  const other = '/id m-1 Is there a stove?'
  const refused = expect.stringMatching(/^The run "chat\/m-1" exists with another input/) as string
  expect(await talk(data, [`/id m-1 ${ask}`, other, '/history'])).toEqual([...said, refused, ...said])
})

it('a chat of nobody, or of somebody else, is refused', async () => {
  const data = tempFolder()
  await talk(data, ['Hello'])
  const nobody = await demoHere(demo, ['--chat', '--data', data, '--as', 'x@example.com'])
  expect(nobody.stderr).toMatch(/^No customer has the e-mail "x@example\.com"\. The shop knows ada@example\.com, /)
  const other = await demoHere(demo, ['--chat', '--data', data, '--as', 'ada@example.com'])
  expect(other.stderr).toBe(`The chat "chat" is carla@example.com's. Leave --as away, or give another --session.\n`)
  expect([nobody.code, other.code]).toEqual([1, 1])
})
