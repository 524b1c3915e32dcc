// The runs of a workflow that goes on as another, one after the other: nightly, nightly~2, nightly~3.
const ROUND = /^(.*)~(\d+)$/

/** Tells whether an id is of the form that is given to a run that goes on in another's place. */
export function isContinuationId(runId: string): boolean {
  return ROUND.test(runId)
}

/** The id of the run that goes on in the place of another. */
export function nextContinuation(runId: string): string {
  const [base, nth] = numberOf(runId)
  return `${base}~${nth + 1}`
}

/** The id of the continuation before; undefined where there is none. */
export function continuationBefore(runId: string): string | undefined {
  const [base, nth] = numberOf(runId)
  if (nth === 1) return undefined
  return nth === 2 ? base : `${base}~${nth - 1}`
}

/** The continuations before one, the newest first, as many as there are of so many. */
export function* continuationsBefore(runId: string, most: number): Generator<string> {
  let round = continuationBefore(runId)
  for (let left = most; round !== undefined && left > 0; left--) {
    yield round
    round = continuationBefore(round)
  }
}

/** The continuations from one to another, both among them. */
export function* continuations(from: string, to: string): Generator<string> {
  for (let round = from; ; round = nextContinuation(round)) {
    yield round
    if (round === to) return
  }
}

function numberOf(runId: string): [base: string, round: number] {
  const [, base = runId, round = '1'] = ROUND.exec(runId) ?? []
  return [base, Number(round)]
}
