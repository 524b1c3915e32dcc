import { manualClock } from '@reprise/testing'
import { expect, it } from 'vitest'
import { Complaints } from '../src/runtime/drive/complaints.ts'

const order = { kind: 'workflow', name: 'order' } as const

function complaints() {
  const [clock, lines] = [manualClock(), [] as string[]]
  const log = { info: () => undefined, warn: () => undefined, error: (line: string) => void lines.push(line) }
  return { clock, lines, complaints: new Complaints({ clock, log }) }
}

it('what happens to many runs of a definition is said once, then with how many there were, less and less often', async () => {
  const { clock, lines, complaints: all } = complaints()
  for (let n = 0; n < 300; n++) all.add(order, 'diverged', `Run ${n}.`)
  expect(lines).toEqual(['Run 0.'])
  for (let seconds = 0; seconds < 100; seconds++) {
    await clock.advance(1_000)
    all.add(order, 'diverged', `At ${seconds + 1}.`)
  }
  expect(lines).toEqual([
    'Run 0.',
    'At 10. So it was 308 more times for runs of the workflow "order" since that was last said: their rows say why.',
    'At 30. So it was 19 more times for runs of the workflow "order" since that was last said: their rows say why.',
    'At 70. So it was 39 more times for runs of the workflow "order" since that was last said: their rows say why.',
  ])
})

it('what is of another kind, or of another definition, is said as well', () => {
  const { lines, complaints: all } = complaints()
  for (const name of ['order', 'mail'])
    for (const code of ['diverged', 'no_key', 'diverged']) all.add({ kind: 'agent', name }, code, `${name} ${code}`)
  all.add(order, 'diverged', 'workflow diverged')
  expect(lines).toEqual(['order diverged', 'order no_key', 'mail diverged', 'mail no_key', 'workflow diverged'])
})

it('what was quiet for hours is said as if it were new', async () => {
  const { clock, lines, complaints: all } = complaints()
  for (const line of ['one', 'two']) all.add(order, 'diverged', line)
  await clock.advance(4_000_000)
  for (const line of ['three', 'four']) all.add(order, 'diverged', line)
  await clock.advance(10_000)
  all.add(order, 'diverged', 'five')
  const more = 'So it was 1 more time for runs of the workflow "order" since that was last said: their rows say why.'
  expect(lines).toEqual(['one', `three ${more}`, `five ${more}`])
})
