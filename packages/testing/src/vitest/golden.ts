import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DefinitionError, digest, type Digest, type GoldenText, type TextDifference } from '@reprise/core'

/** The text of a golden file. */
export interface Golden {
  /** Where it is; absent for text that has no file. */
  readonly path?: string
  readonly text: string
}

/**
 * Reads a golden file, for `expect(golden).toReplay`.
 *
 * @param file its path, from the working directory.
 * @throws DefinitionError with code `no_golden` when there is no such file.
 * @example
 * ```ts no-run: this entry is for files that Vitest runs
 * import { readGolden } from '@reprise/testing/vitest'
 * import { expect } from 'vitest'
 *
 * const golden = readGolden(new URL('support.golden.jsonl', import.meta.url))
 * expect(golden.text).not.toContain('4111 1111')
 * await expect(golden).toReplay([])
 * ```
 */
export function readGolden(file: string | URL): Golden {
  const path = resolve(file instanceof URL ? fileURLToPath(file) : file)
  if (existsSync(path)) return { path, text: readFileSync(path, 'utf8') }
  throw new DefinitionError({
    code: 'no_golden',
    message: `There is no golden file at ${path}. Check the path, or write it with: reprise export RUN > FILE`,
    details: { path },
  })
}

/** The golden file that a test has named, read, or holds as text. */
export async function goldenOf(given: unknown): Promise<Golden> {
  if (typeof given === 'string' || given instanceof URL) return readGolden(given)
  if (isGolden(given)) return given
  if (!isText(given))
    throw new TypeError(
      'toReplay takes the path of a golden file, what readGolden gave, or what runtime.export gives: expect(path).toReplay(definitions).',
    )
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of given) text += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true })
  return { text }
}

function isGolden(given: unknown): given is Golden {
  return typeof given === 'object' && given !== null && 'text' in given && typeof given.text === 'string'
}

function isText(given: unknown): given is GoldenText {
  return typeof given === 'object' && given !== null && (Symbol.asyncIterator in given || Symbol.iterator in given)
}

/** A text that somebody has accepted: it reads so today, and was recorded otherwise. */
interface Accepted {
  readonly agent: string
  readonly field: string
  readonly recorded: Digest
  readonly today: Digest
}

/** The lines at the end of a golden file that say what was accepted; whoever imports it has read them, and checked them. */
const ACCEPTED = /^\s*\{\s*"accepted"/

/** Tells which differences of texts a golden file says somebody has accepted. */
export function acceptedIn({ text }: Golden): (difference: TextDifference) => boolean {
  const lines = text.split('\n').filter((line) => ACCEPTED.test(line))
  const known = new Set(lines.map((line) => sayAccepted((JSON.parse(line) as { accepted: Accepted }).accepted)))
  return (difference) => known.has(sayAccepted(acceptedOf(difference)))
}

/** Notes at the end of a golden file that these differences, and no others, were accepted. The runs stay as they are. */
export function accept(
  { path, text }: Golden & { readonly path: string },
  differences: readonly TextDifference[],
): void {
  const lines = new Set(differences.map((difference) => sayAccepted(acceptedOf(difference))))
  const kept = text.split('\n').filter((line) => line !== '' && !ACCEPTED.test(line))
  const changed = [...kept, ...lines].map((line) => `${line}\n`).join('')
  if (changed !== text) writeFileSync(path, changed)
}

function acceptedOf({ agent, field, recorded, today }: TextDifference): Accepted {
  return { agent, field, recorded: digest(recorded), today: digest(today) }
}

function sayAccepted({ agent, field, recorded, today }: Accepted): string {
  return JSON.stringify({ accepted: { agent, field, recorded, today } })
}
