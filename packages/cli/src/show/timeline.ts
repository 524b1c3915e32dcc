import type { Entry } from '@reprise/core'
import { dim } from './style.ts'
import { harmless } from './text.ts'
import { saySpan } from './time.ts'
import { tell } from './tell.ts'

/** Tells the entries of a run one after the other, from its first: each in a line, with more below where it needs that. */
export class Timeline {
  #start: number | undefined
  #agent = ''

  tell(written: Entry): string {
    const entry = harmless(written)
    this.#start ??= entry.at
    if ('card' in entry.body) this.#agent = entry.body.card.agent
    // A clock may be set back.
    const since = `+${saySpan(Math.max(0, entry.at - this.#start))}`
    const [line = '', ...more] = tell(entry, this.#agent).map((told) => told.replaceAll(/[\n\t]+/g, ' '))
    const margin = `${String(entry.seq).padStart(5)}  ${since.padStart(12)}  `
    return [`${dim(margin)}${line}`, ...more.map((detail) => ' '.repeat(margin.length + 2) + detail)].join('\n')
  }
}
