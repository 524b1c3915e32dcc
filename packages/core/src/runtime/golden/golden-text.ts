import { DefinitionError } from '../../values/errors.ts'
import { isRunId } from '../../values/ids.ts'
import type { RunRecorder } from './run-recorder.ts'
import { endLine, entryLine, headLine, runLine } from './write.ts'

/**
 * Gives recorded runs as the text of a golden file, a line at a time: what `runtime.import` takes.
 *
 * @param by who made it, with a version: `my-exporter 1.2.0`.
 * @throws DefinitionError by the iteration: with code `bad_run_id` where an id is none.
 * @example
 * ```ts
 * import { createRuntime, goldenText } from '@reprise/core'
 * import { memoryStore, scriptedModel } from '@reprise/testing'
 *
 * await using runtime = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [] })
 * console.log(await runtime.import(goldenText([], 'my-exporter 1.2.0'))) // { runs: [], parked: [], present: [] }
 * ```
 */
export async function* goldenText(
  runs: AsyncIterable<Pick<RunRecorder, 'row' | 'entries'>> | Iterable<Pick<RunRecorder, 'row' | 'entries'>>,
  by: string,
): AsyncGenerator<string, void, undefined> {
  yield headLine(by)
  let count = 0
  for await (const { row, entries } of runs) {
    checkId(row.id)
    yield runLine(row, entries.length)
    for (const entry of entries) yield entryLine(entry)
    count += 1
  }
  yield endLine(count)
}

function checkId(id: string): void {
  if (isRunId(id)) return
  throw new DefinitionError({
    code: 'bad_run_id',
    message: `"${id}" is no run's id. An id is 1 to 200 printable characters without spaces: give the recorded run such a one.`,
    details: { runId: id },
  })
}
