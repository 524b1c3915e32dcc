// The runs of a workflow that goes on as another, round by round: nightly, nightly~2, nightly~3.
const ROUND = /^(.*)~(\d+)$/

/** Tells whether an id is of the form that is given to a run that goes on in another's place. */
export function isRoundId(runId: string): boolean {
  return ROUND.test(runId)
}

/** The id of the run that goes on in the place of another. */
export function nextRound(runId: string): string {
  const [base, round] = roundOf(runId)
  return `${base}~${round + 1}`
}

/** The id of the round before; undefined where there is none. */
export function roundBefore(runId: string): string | undefined {
  const [base, round] = roundOf(runId)
  if (round === 1) return undefined
  return round === 2 ? base : `${base}~${round - 1}`
}

/** The rounds before one, the newest first, as many as there are of so many. */
export function* roundsBefore(runId: string, most: number): Generator<string> {
  let round = roundBefore(runId)
  for (let left = most; round !== undefined && left > 0; left--) {
    yield round
    round = roundBefore(round)
  }
}

/** The rounds from one to another, both among them. */
export function* rounds(from: string, to: string): Generator<string> {
  for (let round = from; ; round = nextRound(round)) {
    yield round
    if (round === to) return
  }
}

function roundOf(runId: string): [base: string, round: number] {
  const [, base = runId, round = '1'] = ROUND.exec(runId) ?? []
  return [base, Number(round)]
}
