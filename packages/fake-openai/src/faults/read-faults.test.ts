import { describe, expect, test } from 'vitest'
import { readFaults } from './read-faults.ts'

describe('a plan of faults in one word', () => {
  test('is by chance or request by request', () => {
    expect(readFaults('seed=7,rate=0.2')).toEqual({ seed: 7, rate: 0.2 })
    expect(readFaults('rate=1, seed=0')).toEqual({ seed: 0, rate: 1 })
    expect(readFaults('2=cut_stream, 5=slow_down')).toEqual([
      { n: 2, fault: 'cut_stream' },
      { n: 5, fault: 'slow_down' },
    ])
  })

  test.for([
    '',
    'hang',
    'seed=7',
    'seed=x,rate=0.2',
    'seed=7,rate=2',
    'seed=7,rate=',
    'seed=7,rate=0.2,2=hang',
    '0=hang',
  ])('is not "%s"', (text) => {
    expect(() => readFaults(text)).toThrow(
      `"${text}" is no plan of faults. Say seed=7,rate=0.2 for a share of requests by chance, or 2=cut_stream,5=slow_down by which request it is.`,
    )
  })

  test('names a fault that there is', () => {
    expect(() => readFaults('2=crash')).toThrow(
      /^There is no fault "crash"\. There are: request_timeout, .*content_filter\.$/,
    )
  })
})
