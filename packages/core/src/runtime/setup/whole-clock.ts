import type { Clock } from '../../contracts/clock.ts'
import { DefinitionError } from '../../values/errors.ts'
import { isMoment } from '../../values/moment.ts'

/** A clock that tells whole milliseconds, as stores keep them: one given by a user may tell parts. */
export function wholeClock(clock: Clock): Clock {
  return {
    now: () => {
      const now = Math.floor(clock.now())
      if (isMoment(now)) return now
      throw new DefinitionError({
        code: 'bad_clock',
        message: `The runtime's clock says that it is ${now}. now() must give milliseconds since 1970, of a date.`,
      })
    },
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  }
}
