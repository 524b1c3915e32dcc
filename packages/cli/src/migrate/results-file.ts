import { type FileHandle, open, readFile } from 'node:fs/promises'
import { type BacktestResults, DefinitionError, messageOf, type SavedAnswer } from '@reprise/core'

/** How an answer begins. */
const ANSWER = '{"'

/** Who may read and write the file: it holds what was said. */
const OWNER_ALONE = 0o600

/**
 * Keeps what a backtest was told in a file, an answer a line, so that nothing is paid for twice. An answer is on the disk
 * when `save` resolves. A last line that was cut off by the end of a process is no answer, and is asked for again.
 */
export class ResultsFile implements BacktestResults {
  readonly #path: string
  #file: FileHandle | undefined
  /** Saves wait for each other: a line is written whole. */
  #last: Promise<void> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
  }

  /** @throws DefinitionError with code `bad_results` where the file holds something else. */
  async load(): Promise<readonly SavedAnswer[]> {
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
      throw error
    })
    const lines = text.split('\n')
    // What follows the last line feed was cut off: the next line must not be written after it.
    const torn = lines.pop() ?? ''
    const answers = lines.map((line, index) => this.#parse(line, index + 1))
    // What was cut off of an answer looks like the beginning of one.
    if (!ANSWER.startsWith(torn.slice(0, ANSWER.length))) this.#parse(torn, lines.length + 1)
    this.#file = await open(this.#path, 'a', OWNER_ALONE)
    if (torn !== '') await this.#file.truncate(Buffer.byteLength(text) - Buffer.byteLength(torn))
    return answers
  }

  save(answer: SavedAnswer): Promise<void> {
    this.#last = this.#last
      .catch(() => undefined)
      .then(async () => {
        this.#file ??= await open(this.#path, 'a', OWNER_ALONE)
        await this.#file.appendFile(`${JSON.stringify(answer)}\n`)
        await this.#file.datasync()
      })
    return this.#last
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    await this.#last.catch(() => undefined)
    await this.#file?.close()
    this.#file = undefined
  }

  #parse(line: string, number: number): SavedAnswer {
    try {
      const value: unknown = JSON.parse(line)
      if (typeof value === 'object' && value !== null && 'runId' in value && 'of' in value && 'kind' in value)
        // Whoever kept it had the types.
        return value as SavedAnswer
      throw new TypeError('It is no answer of a backtest.')
    } catch (error) {
      throw new DefinitionError({
        code: 'bad_results',
        message: `Line ${number} of ${this.#path} cannot be taken: ${messageOf(error)} Name another file, or one that a backtest has made.`,
      })
    }
  }
}
