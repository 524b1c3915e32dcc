import { ROLES } from '../part/lines.ts'
import type { Row } from '../show/table.ts'

/**
 * Holds what came of the demo's own tickets against what the part was written to do: its bad habits must not show.
 * Each line of the result is something that is wrong.
 */
export function checkPart(rows: readonly Row[]): string[] {
  return rows.flatMap(({ ticket, outcome }) => {
    const { resolution, refundedUsd } = ROLES[ticket]?.answer ?? {}
    const wanted = describe(resolution, refundedUsd ?? undefined)
    const got =
      outcome.kind === 'completed' ? describe(outcome.output.resolution, outcome.output.refundedUsd) : outcome.kind
    return wanted === got ? [] : [`${ticket} must end as "${wanted}", and it is "${got}".`]
  })
}

function describe(resolution: string | undefined, refundedUsd: number | undefined): string {
  return `${resolution}${refundedUsd === undefined ? '' : `, refunded ${refundedUsd}`}`
}
