import type { Entry } from '@reprise/core'
import { expect, it } from 'vitest'
import { askedAgain } from './asked-again.ts'

/** A run that heard one ticket and was answered at 100 and at 200. */
const entries = [
  { kind: 'run.started', body: { input: 'help' } },
  { kind: 'model.replied', at: 100, key: 'agent:0/turn:0' },
  { kind: 'model.replied', at: 200, key: 'agent:0/turn:1' },
] as unknown as Entry[]

const asks = (...conversations: readonly [at: number, length: number][]) =>
  conversations.map(([at, length]) => ({ at, ticket: 'help', conversation: `${length} items`, length }))

it('a question may be asked again until its answer is written', () => {
  expect(askedAgain('t-1', entries, asks([10, 1], [50, 1], [150, 3], [190, 3]))).toEqual([])
})

it('a question that is asked again after its answer was written is found', () => {
  expect(askedAgain('t-1', entries, asks([10, 1], [150, 3], [160, 1], [170, 1]))).toEqual([
    't-1 asked for agent:0/turn:0 again, 2 times, after it was answered.',
  ])
})

it('another question than those that were answered is found', () => {
  expect(askedAgain('t-1', entries, asks([10, 1], [150, 3], [250, 5]))).toEqual(['t-1 has 2 replies to 3 questions.'])
})
