import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { TICKETS } from './args.ts'
import { tempFolder } from './temp-folder.fixture.ts'
import { readTickets } from './tickets.ts'

const shape = 'It must be a list of { "id", "from", "text" }.'
const good = { id: 't-1', from: 'ada@example.com', text: 'Hello?' }

it("the demo's own tickets are a dozen", () => {
  expect(readTickets(TICKETS).map(({ id }) => id)).toEqual(
    Array.from({ length: 12 }, (_, index) => `ticket-${index + 1}`),
  )
})

it('a file that is not there is said', () => {
  expect(() => readTickets('/no/such/file.json')).toThrow(
    "The tickets cannot be read: ENOENT: no such file or directory, open '/no/such/file.json'. Give a file with --tickets.",
  )
})

it('a file that is not JSON is said', () => {
  const file = written('hello')
  expect(() => readTickets(file)).toThrow(
    `${file} is not JSON: Unexpected token 'h', "hello" is not valid JSON. ${shape}`,
  )
})

it.each([
  [{}, ': Invalid input: expected array, received object. '],
  [[], ': must hold a ticket. '],
  [[good, { ...good, id: 't-2', text: ' ' }], ' at [1].text: must say something. '],
  [[{ ...good, id: 'a b' }], ' at [0].id: must be 1 to 60 letters, digits, "_", "." or "-". '],
  [[{ ...good, priority: 1 }], ' at [0]: Unrecognized key: "priority". '],
  [[good, good], ' at [1].id: "t-1" stands twice; ids must differ. '],
])('tickets that break their schema name the place: %j', (tickets, complaint) => {
  const file = written(JSON.stringify(tickets))
  expect(() => readTickets(file)).toThrow(`${file}${complaint}${shape}`)
})

function written(text: string): string {
  const file = join(tempFolder(), 'tickets.json')
  writeFileSync(file, text)
  return file
}
