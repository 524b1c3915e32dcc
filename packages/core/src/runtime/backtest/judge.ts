import { digest } from '../../values/digest.ts'
import type { Entry } from '../../contracts/entry.ts'
import { messageOf } from '../../values/errors.ts'
import type { BacktestPair, Judge } from './options.ts'
import type { BacktestRun } from './report.ts'
import type { KeptOfRun } from './results.ts'
import type { JudgeVerdict } from './verdict.ts'

/** What a judge is given beside the run. */
export interface Judged {
  readonly run: Omit<BacktestRun, 'verdict'>
  readonly recorded: readonly Entry[]
  readonly candidate: readonly Entry[]
}

const ALIKE: JudgeVerdict = { verdict: 'equal', why: 'The same calls, and the same answer to the letter.' }

/** Lets a judge say how a candidate's run is beside the recorded one; nothing, where it was not compared to its end. */
export async function judgeRun(
  judge: Judge | undefined,
  { run, recorded, candidate }: Judged,
  kept: KeptOfRun,
  signal: AbortSignal,
): Promise<JudgeVerdict | null> {
  if (!judge || (run.status !== 'same' && run.status !== 'changed')) return null
  if (run.status === 'same' && run.end?.reworded !== true) return ALIKE
  const of = digest([...recorded, ...candidate].map((entry) => entry.digest).join(' '))
  const before = kept.verdict(of)
  if (before) return before
  const pair: BacktestPair = {
    runId: run.runId,
    run,
    recorded: { ...run.recorded, entries: recorded },
    candidate: { ...run.candidate, entries: candidate },
  }
  let verdict: JudgeVerdict
  try {
    verdict = check(await judge(pair, signal))
  } catch (error) {
    signal.throwIfAborted()
    return { failed: messageOf(error) }
  }
  await kept.keepVerdict(of, verdict)
  return verdict
}

function check(said: unknown): JudgeVerdict {
  if (typeof said === 'object' && said !== null) {
    const { verdict, score, why } = said as { verdict?: unknown; score?: unknown; why?: unknown }
    const reason = typeof why === 'string' ? why : ''
    if (verdict === 'better' || verdict === 'equal' || verdict === 'worse') return { verdict, why: reason }
    if (typeof score === 'number' && score >= 0 && score <= 1) return { score, why: reason }
  }
  throw new Error(
    `The judge gave ${JSON.stringify(said) ?? typeof said}. It must give { verdict: 'better' | 'equal' | 'worse', why } or { score, why } with a score of 0 to 1.`,
  )
}
