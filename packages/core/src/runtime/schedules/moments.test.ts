import { describe, expect, it } from 'vitest'
import { momentsOf } from './moments.ts'

/** The moments of a pattern from one time to another, in UTC, as `month-day hour:minute`. */
function between(cron: string, timeZone: string, from: string, to: string): string[] {
  const { next } = momentsOf('The test', cron, timeZone)
  const found: string[] = []
  const until = Date.parse(to)
  for (let at = next(Date.parse(from) - 1); at !== null && at < until; at = next(at))
    found.push(new Date(at).toISOString().slice(5, 16).replace('T', ' '))
  return found
}

describe('an hour that the clocks skip', () => {
  // In Berlin 02:00 to 03:00 of 29 March 2026 is not there: 01:00 UTC is 03:00.
  const berlin = (cron: string): string[] =>
    between(cron, 'Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z')

  it.for([
    ['30 2 * * *', ['03-29 01:00']],
    ['0 2 * * *', ['03-29 01:00']],
    ['15 30 2 * * *', ['03-29 01:00']],
    ['30 2 * * SUN', ['03-29 01:00']],
    ['0,30 2 * * *', ['03-29 01:00']],
    ['0 2,3 * * *', ['03-29 01:00']],
    ['30 2,14 * * *', ['03-29 01:00', '03-29 12:30']],
    ['30 1-3 * * *', ['03-29 00:30', '03-29 01:00', '03-29 01:30']],
  ] as const)('is made up for at its end where a pattern names its times: %s', ([cron, expected]) => {
    expect(berlin(cron)).toEqual(expected)
  })

  it.for([
    ['*/30 2 * * *', []],
    ['* 2 * * *', []],
    ['30 */2 * * *', undefined],
  ] as const)('is left out where a pattern has a star or a step: %s', ([cron, expected]) => {
    if (expected) expect(berlin(cron)).toEqual(expected)
    else expect(berlin(cron)).not.toContain('03-29 01:00')
  })

  it('changes nothing for what comes every so often', () => {
    const quarters = between('*/15 * * * *', 'Europe/Berlin', '2026-03-29T00:40:00Z', '2026-03-29T01:20:00Z')
    expect(quarters).toEqual(['03-29 00:45', '03-29 01:00', '03-29 01:15'])
  })

  it.for([
    ['America/New_York', '30 2 * * *', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z', '03-08 07:00'],
    ['America/Havana', '0 0 * * *', '2026-03-08T00:00:00Z', '2026-03-09T00:00:00Z', '03-08 05:00'],
    ['America/Santiago', '30 0 * * *', '2026-09-06T00:00:00Z', '2026-09-07T00:00:00Z', '09-06 04:00'],
    // Half an hour is skipped there.
    ['Australia/Lord_Howe', '15 2 * * *', '2026-10-03T13:30:00Z', '2026-10-04T13:00:00Z', '10-03 15:30'],
  ] as const)('is made up for in %s', ([zone, cron, from, to, expected]) => {
    expect(between(cron, zone, from, to)).toEqual([expected])
  })
})

describe('an hour that comes twice', () => {
  // In Berlin 02:00 to 03:00 of 25 October 2026 comes twice: from 00:00 UTC, and from 01:00 UTC.
  const berlin = (cron: string): string[] =>
    between(cron, 'Europe/Berlin', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z')

  it.for([
    ['30 2 * * *', ['10-25 00:30']],
    ['0 2 * * *', ['10-25 00:00']],
    ['0,30 2 * * *', ['10-25 00:00', '10-25 00:30']],
    ['30 2,14 * * *', ['10-25 00:30', '10-25 13:30']],
    ['30 1-3 * * *', ['10-24 23:30', '10-25 00:30', '10-25 02:30']],
  ] as const)('counts once, the first time, where a pattern names its times: %s', ([cron, expected]) => {
    expect(berlin(cron)).toEqual(expected)
  })

  it('counts twice where a pattern has a star or a step', () => {
    expect(berlin('*/30 2 * * *')).toEqual(['10-25 00:00', '10-25 00:30', '10-25 01:00', '10-25 01:30'])
    expect(berlin('30 * * * *')).toHaveLength(25)
  })

  it.for([
    ['America/New_York', '30 1 * * *', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z', '11-01 05:30'],
    ['America/Havana', '30 0 * * *', '2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z', '11-01 04:30'],
    ['Australia/Lord_Howe', '45 1 * * *', '2026-04-04T13:00:00Z', '2026-04-05T13:30:00Z', '04-04 14:45'],
  ] as const)('counts once in %s', ([zone, cron, from, to, expected]) => {
    expect(between(cron, zone, from, to)).toEqual([expected])
  })
})

describe('the last moment', () => {
  it.for(['30 2 * * *', '0,30 1-3 * * *', '*/20 * * * *', '0 0 L * *', '0 12 * * MON#2', '15 30 2 29 2 *'])(
    'is the one that going forward comes to, also where the clocks change: %s',
    (cron) => {
      for (const zone of ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']) {
        const { last, next } = momentsOf('The test', cron, zone)
        for (const from of [
          '2026-03-07T12:00:00Z',
          '2026-03-28T12:00:00Z',
          '2026-04-03T12:00:00Z',
          '2026-10-24T12:00:00Z',
        ]) {
          const first = next(Date.parse(from)) ?? NaN
          const forward = [first]
          for (let at = next(first); at !== null && forward.length < 200; at = next(at)) forward.push(at)
          for (const until of [0, 1, 7, 60, 150].flatMap((at) => forward[at] ?? [])) {
            const expected = forward.findLast((at) => at <= until)
            expect(last(first, until), `${zone} ${from}`).toBe(expected)
            expect(last(first, until + 999), `${zone} ${from}`).toBe(forward.findLast((at) => at <= until + 999))
          }
        }
      }
    },
  )
})

describe('a pattern', () => {
  it('means either where it names a day of the month and one of the week, as cron does', () => {
    expect(between('0 0 13 * FRI', 'UTC', '2026-11-01T00:00:00Z', '2026-11-21T00:00:00Z')).toEqual([
      '11-06 00:00',
      '11-13 00:00',
      '11-20 00:00',
    ])
  })

  it.for(['', 'nope', '* * *', '99 * * * *', '@reboot', '2027-01-01T00:00:00', 7 as never, undefined as never])(
    'that is none is refused: %s',
    (cron) => {
      expect(() => momentsOf('runtime.schedule', cron, 'UTC')).toThrow(
        expect.objectContaining({ code: 'bad_cron', message: expect.stringContaining('Give it minute, hour') }),
      )
    },
  )

  it.for(['Mars/Olympus', '', 7 as never])('is refused in what is no time zone: %s', (zone) => {
    expect(() => momentsOf('runtime.schedule', '* * * * *', zone)).toThrow(
      `runtime.schedule was given timeZone ${JSON.stringify(zone)}, which is no time zone here. Give it a name of the IANA database, as "Europe/Oslo", or "UTC".`,
    )
  })
})
