import { appendFileSync, existsSync, readFileSync } from 'node:fs'

/** A mail that has left. */
export interface Mail {
  /** As the desk named it when it sent it. */
  readonly id: string
  readonly ticket: string
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** A mail server that sends whatever it is given, twice if it is given twice; what it sent can be looked up. */
export class Outbox {
  readonly #path: string

  /** @param path of the file to which each mail is appended as a line. */
  constructor(path: string) {
    this.#path = path
  }

  send(mail: Mail): void {
    appendFileSync(this.#path, `${JSON.stringify(mail)}\n`)
  }

  sent(): Mail[] {
    if (!existsSync(this.#path)) return []
    return readFileSync(this.#path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Mail)
  }
}
