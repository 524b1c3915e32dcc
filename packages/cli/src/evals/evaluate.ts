import type { Runtime } from '@reprise/core'
import {
  type Eval,
  type EvalResult,
  keepResult,
  labelAgreement,
  lastOf,
  type Progress,
  readLabels,
  type Report,
  reportOf,
  runEval,
} from '@reprise/evals'
import { exitWith } from '../line/exit-code.ts'
import { inFile, outFile } from '../line/files.ts'
import { interruption } from '../line/interrupt.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, printJson } from '../line/json.ts'
import { agreementLines } from './agreement-lines.ts'
import { evalTable } from './eval-table.ts'
import { junit } from './junit.ts'
import { keptPath, readKeptFile, writeWhole } from './kept-file.ts'

/** What every evaluation may be told. */
export interface EvaluateOptions extends JsonOption {
  readonly concurrency: number
  readonly label?: string
  readonly junit?: string
  readonly accept?: true
  readonly labels?: string
}

/** Where an evaluation is at home. */
export interface Place {
  /** Results are kept beside it. */
  readonly config: string
  /** The options by which other commands find its runs, where they need some, with a blank before each. */
  readonly found: string
}

/** Runs evaluations one after the other, tells what they came to, and keeps the results that their gates let pass. */
export async function evaluate(
  io: Io,
  runtime: Runtime,
  evaluations: readonly Eval[],
  { config, found }: Place,
  { concurrency, label = '', accept, json, junit: report, labels }: EvaluateOptions,
): Promise<readonly { readonly report: Report; readonly result: EvalResult }[]> {
  // What is wrong with it is told before anybody is asked.
  const xml = report === undefined ? undefined : outFile(io, report)
  const people = labels === undefined ? [] : await readLabels(inFile(io, labels))
  const interrupted = interruption(io)
  interrupted.addEventListener('abort', () => void runtime.close())
  const done: { readonly report: Report; readonly result: EvalResult }[] = []
  for (const evaluation of evaluations) {
    const { name, gates } = evaluation
    const path = keptPath(config, name)
    const kept = readKeptFile(path)
    const onProgress = progressOn(io, name)
    const { result } = await runEval(evaluation, { runtime, concurrency, label, signal: interrupted, onProgress })
    const agreements = Object.fromEntries(labelAgreement(result, people))
    const judged = { result, report: reportOf(result, gates, lastOf(kept, result)), agreements }
    done.push(judged)
    if (!json) say(io, [...evalTable(judged.report, result, found), ...agreementLines(agreements)].join('\n'))
    if (judged.report.ok || (accept && result.unfinished.length === 0))
      writeWhole(path, `${JSON.stringify(keepResult(kept, result), undefined, 1)}\n`)
    if (interrupted.aborted) break
  }
  if (json) printJson(io, { evals: done })
  if (xml !== undefined) writeWhole(xml, junit(done))
  if (interrupted.aborted) exitWith(io, 'interrupted')
  else if (done.some(({ report }) => !report.ok && !(accept && report.unfinished.length === 0))) exitWith(io, 'failed')
  return done
}

/** Tells on a terminal how far it has come, in one line that goes when it is done. */
function progressOn({ stderr }: Io, name: string): (progress: Progress) => void {
  if (!stderr.isTTY) return () => undefined
  return ({ done, of, costUsd }) => {
    const line = done < of ? `${name}: ${done} of ${of} trials, $${costUsd.toFixed(4)}` : ''
    stderr.write(`\r\u001B[K${line}`)
  }
}
