import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs'
import { type BacktestResults, DefinitionError, type SavedAnswer } from '@reprise/core'

/** The first line of such a file. */
const HEAD = '{"reprise":"backtest results","format":1}\n'

/**
 * Keeps what a backtest was told in a file, a line each: what is in it survives the end of the process, however that ends.
 * Its owner alone may read it.
 *
 * @throws DefinitionError with code `no_results_file` by `load`, where the file is another one.
 */
export function resultsFile(path: string): BacktestResults {
  return {
    async load() {
      const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
      // What was cut off in the middle of a line was not kept.
      const whole = text.slice(0, text.lastIndexOf('\n') + 1)
      if (text !== '' && !isBeginning(text)) throw notOne(path)
      if (whole !== text) truncateSync(path, Buffer.byteLength(whole))
      if (whole === '') append(path, HEAD)
      return whole.split('\n').slice(1, -1).map(read(path))
    },
    async save(answer) {
      append(path, `${JSON.stringify(answer)}\n`)
    },
  }
}

function isBeginning(text: string): boolean {
  return text.startsWith(HEAD) || HEAD.startsWith(text)
}

function append(path: string, line: string): void {
  appendFileSync(path, line, { mode: 0o600 })
}

function read(path: string): (line: string, at: number) => SavedAnswer {
  return (line, at) => {
    try {
      // This command wrote it.
      return JSON.parse(line) as SavedAnswer
    } catch {
      throw new DefinitionError({
        code: 'no_results_file',
        message: `Line ${at + 2} of ${path} is not JSON. Mend or delete that line: what it kept is asked again.`,
      })
    }
  }
}

function notOne(path: string): DefinitionError {
  return new DefinitionError({
    code: 'no_results_file',
    message: `${path} holds no results of a backtest. Name another file with --results, or one that is not there yet.`,
  })
}
