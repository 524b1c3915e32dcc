// The file of a recording: a line of JSON for its head, and one for each ask. A conversation only grows, so an ask has
// what is new since another of the file (`after`, from 1), and nothing that is the same.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DefinitionError, type Digest, digest, digestNext, type Item, type ModelReply } from '@reprise/core'
import { type Asked, inOrder } from './asked.ts'

const HEAD = JSON.stringify({ reprise: 'recorded', version: 1 })

/** An ask that was recorded. */
export interface Recorded {
  /** The line of the file, from 1. */
  readonly line: number
  readonly asked: Asked
  readonly digest: Digest
  readonly reply: ModelReply
}

/** The line of an ask: what is absent is as in the ask that it comes after. */
interface Written extends Partial<Pick<Asked, 'card' | 'instructions'>>, Pick<Asked, 'allowedTools'> {
  readonly asked: Digest
  readonly after?: number
  readonly items: readonly Item[]
  readonly reply: ModelReply
}

/**
 * Reads a recording.
 *
 * @throws DefinitionError with code `bad_recording`, naming the line.
 */
export function readRecording(path: string): readonly Recorded[] {
  const [head, ...lines] = readFileSync(path, 'utf8').split('\n')
  if (head?.trim() !== HEAD) throw badLine(path, 1, `it is no head: a recording begins with ${HEAD}`)
  const all: Recorded[] = []
  for (const [at, text] of lines.entries()) if (text.trim() !== '') all.push(readLine(path, at + 2, text, all))
  return all
}

function readLine(path: string, line: number, text: string, before: readonly Recorded[]): Recorded {
  const written = parse(path, line, text)
  const base = written.after === undefined ? undefined : before[written.after - 1]?.asked
  const card = written.card ?? base?.card
  const instructions = written.instructions ?? base?.instructions
  if (!card || instructions === undefined) throw badLine(path, line, 'it comes after an ask that is not before it')
  const items = [...(base?.items ?? []), ...written.items]
  const asked = { card, instructions, items, allowedTools: written.allowedTools }
  if (digest(inOrder(asked)) !== written.asked) throw badLine(path, line, 'its digest is not that of what it asks')
  return { line, asked, digest: written.asked, reply: written.reply }
}

function parse(path: string, line: number, text: string): Written {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw badLine(path, line, 'it is no JSON')
  }
  if (!isWritten(value)) throw badLine(path, line, 'it is to have asked, items, allowedTools and reply')
  return value
}

/** The digest holds the rest of what was asked, and the reply is checked by whoever is given it. */
function isWritten(value: unknown): value is Written {
  if (typeof value !== 'object' || value === null) return false
  const { asked, items, reply, allowedTools } = value as Partial<Record<keyof Written, unknown>>
  const isReply = typeof reply === 'object' && reply !== null && 'items' in reply && Array.isArray(reply.items)
  return typeof asked === 'string' && Array.isArray(items) && isReply && allowedTools !== undefined
}

function badLine(path: string, line: number, what: string): DefinitionError {
  return new DefinitionError({
    code: 'bad_recording',
    message: `Line ${line} of the recording ${path} cannot be taken: ${what}. Take the file away, and record it again.`,
    details: { path, line },
  })
}

/** An ask whose turn to be written has come, or will: what was asked first stands first, whatever came back first. */
interface Place {
  written?: { readonly asked: Asked; readonly digest: Digest; readonly reply: ModelReply }
  isOver: boolean
}

/** A recording that is made: it takes the place of one that is there, once there is something to write. */
export class Recorder {
  readonly #path: string
  readonly #places: Place[] = []
  /** The number of the ask that has said all of a conversation so far, by its digest. */
  readonly #heads = new Map<Digest, number>()
  #count = 0

  constructor(path: string) {
    this.#path = path
  }

  /** Takes the place of an ask that begins. */
  begin(): Place {
    const place: Place = { isOver: false }
    this.#places.push(place)
    return place
  }

  /** Writes an ask that is over, and all after it that are: one without a reply leaves nothing. */
  end(place: Place, written?: Place['written']): void {
    if (place.isOver) return
    place.isOver = true
    if (written) place.written = written
    while (this.#places[0]?.isOver) {
      const { written } = this.#places.shift() ?? {}
      if (written) this.#write(written)
    }
  }

  #write({
    asked: { card, instructions, items, allowedTools },
    digest: key,
    reply,
  }: NonNullable<Place['written']>): void {
    if (this.#count === 0) this.#beginFile()
    this.#count += 1
    const base = digest(inOrder({ card, instructions }))
    let after: number | undefined
    let said = 0
    let head = base
    for (const [at, item] of items.entries()) {
      head = digestNext(head, digest(inOrder(item)))
      const found = this.#heads.get(head)
      if (found === undefined) continue
      after = found
      said = at + 1
    }
    // What was asked twice is the same conversation: the first of them says all of it.
    if (!this.#heads.has(head)) this.#heads.set(head, this.#count)
    const rest = { items: items.slice(said), allowedTools, reply }
    const line: Written =
      after === undefined ? { asked: key, card, instructions, ...rest } : { asked: key, after, ...rest }
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`)
  }

  #beginFile(): void {
    mkdirSync(dirname(this.#path), { recursive: true })
    writeFileSync(this.#path, `${HEAD}\n`)
  }
}

/** Whether there is a recording. */
export function isRecorded(path: string): boolean {
  return existsSync(path)
}
