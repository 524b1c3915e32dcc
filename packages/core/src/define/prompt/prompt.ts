// The order is the one that the prompting guide of GPT-4.1 recommends. What a function makes of a run's context comes after
// all that is the same for every run: a prompt cache serves a request as far as it is like an earlier one, and no further.
import { DefinitionError } from '../../values/errors.ts'
import { checkOptions, sayGiven } from '../argument.ts'
import { type Reminder, REMINDERS } from './reminders.ts'

/** One thing that a section says: a text, or what a function makes of the run's context; undefined is left out. */
export type PromptPart<Context> =
  | string
  | ((run: { readonly context: Context }) => string | readonly string[] | undefined)

/** What a section of a prompt says: a text as it stands, or a list, of which each member is a point of its own. */
export type PromptSection<Context> = PromptPart<Context> | readonly PromptPart<Context>[]

/** What `prompt` takes: at least one section. They stand in the prompt in this order, each under a heading. */
export interface PromptOptions<Context> {
  /** Who the model is, and for whom it works. */
  readonly role?: PromptSection<Context>
  /** What holds for its work. The reminders stand before it, so that it has the last word. */
  readonly instructions?: PromptSection<Context>
  /** What it may read when it needs it, as `skills` of `@reprise/tools` lists it. */
  readonly skills?: PromptSection<Context>
  /** How it comes to an answer; the members of a list are numbered. */
  readonly steps?: PromptSection<Context>
  /** What an answer looks like. A shape that a program reads belongs into the agent's `output`. */
  readonly output?: PromptSection<Context>
  /** Good answers and calls; each member of a list is an example of its own. */
  readonly examples?: PromptSection<Context>
  /** What it needs to know: facts of this run, documents. */
  readonly context?: PromptSection<Context>
  /** What is said once more at the end, where the context is long. */
  readonly final?: PromptSection<Context>
  /** Reminders that the prompt is to go without. @default none: it has all four */
  readonly leaveOut?: readonly Reminder[]
}

/** A prompt, as `defineAgent` takes it for its instructions. */
export type Prompt<Context> = (run: { readonly context: Context }) => string

type SectionName = Exclude<keyof PromptOptions<unknown>, 'leaveOut'>

/** How the members of a list are told apart. @param index from 0. */
type Mark = (text: string, index: number) => string

interface Layout {
  readonly name: SectionName
  readonly heading: string
  readonly mark: Mark
  /** What stands between two members of a list. */
  readonly between: string
}

const bullet: Mark = (text) => `- ${indented(text, '  ')}`
const numbered: Mark = (text, index) => `${index + 1}. ${indented(text, '   ')}`
const example: Mark = (text, index) => `## Example ${index + 1}\n\n${text}`

const SECTIONS: readonly Layout[] = [
  { name: 'role', heading: 'Role', mark: bullet, between: '\n' },
  { name: 'instructions', heading: 'Instructions', mark: bullet, between: '\n' },
  { name: 'skills', heading: 'Skills', mark: bullet, between: '\n' },
  { name: 'steps', heading: 'Reasoning steps', mark: numbered, between: '\n' },
  { name: 'output', heading: 'Output format', mark: bullet, between: '\n' },
  { name: 'examples', heading: 'Examples', mark: example, between: '\n\n' },
  { name: 'context', heading: 'Context', mark: bullet, between: '\n' },
  { name: 'final', heading: 'Final instructions', mark: bullet, between: '\n' },
]

/**
 * Composes the instructions of an agent out of sections: role, instructions, skills, steps, output, examples, context, final
 * instructions, each under a Markdown heading.
 *
 * All that is the same for every run comes first, in that order, then what functions make of the run's context, in that
 * order too: requests begin alike for as long as they can, and a prompt cache serves them. The instructions begin with four
 * reminders (to keep going, to use tools rather than guess, to plan between calls, to ask for what is missing), unless they
 * are left out. Beginnings and ends of texts are trimmed, and lines end in `\n` wherever they were written.
 *
 * @returns what `defineAgent` takes as `instructions`. It is rendered when an agent takes a run, and recorded with it.
 * @throws DefinitionError with code `bad_prompt` where nothing is said, or something that is no section; and when it is
 * rendered, where a function gives what is no text.
 * @example
 * ```ts
 * import { defineAgent, prompt } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const support = defineAgent({
 *   name: 'support',
 *   model: 'gpt-4.1-mini',
 *   context: z.object({ customer: z.string() }),
 *   instructions: prompt({
 *     role: 'You answer the tickets of a shop for camping gear.',
 *     instructions: ['Refund up to 150 dollars yourself.', 'Pass larger refunds on to a person.'],
 *     context: ({ context }) => `The customer is ${context.customer}.`,
 *   }),
 * })
 * ```
 */
export function prompt<Context = unknown>(options: PromptOptions<Context>): Prompt<Context> {
  checkPrompt(options)
  const { leaveOut = [] } = options
  const reminders = Object.entries(REMINDERS).flatMap(([name, text]) =>
    leaveOut.some((left) => left === name) ? [] : text,
  )
  const sections = SECTIONS.map((layout) =>
    sectionOf(layout, options[layout.name], layout.name === 'instructions' ? reminders : []),
  )
  const stable = sections.flatMap((section) => section.stable)
  return (run) => [...stable, ...sections.flatMap((section) => section.render(run))].join('\n\n')
}

/** A section, taken apart into what is the same for every run, and what is not. */
interface Section<Context> {
  /** With its heading; nothing where nothing is said. */
  readonly stable: readonly string[]
  readonly render: (run: { readonly context: Context }) => readonly string[]
}

/** @param own points that come before what was given. */
function sectionOf<Context>(
  layout: Layout,
  given: PromptSection<Context> | undefined,
  own: readonly string[],
): Section<Context> {
  const isList = Array.isArray(given)
  const parts = listOf(given)
  const texts = parts.filter((part) => typeof part === 'string')
  const functions = parts.filter((part) => typeof part !== 'string')
  const words = wordsOf(texts, isList)
  const stable = block(layout, layout.heading, { ...words, points: [...own, ...words.points] }, 0)
  const heading = stable.length > 0 ? `${layout.heading} for this run` : layout.heading
  return {
    stable,
    render: (run) => {
      const made = functions.map((make) => checkMade(layout.name, make(run)))
      return block(layout, heading, wordsOf(made, isList), words.points.length)
    },
  }
}

function listOf<Context>(given: PromptSection<Context> | undefined): readonly PromptPart<Context>[] {
  if (given === undefined) return []
  return typeof given === 'string' || typeof given === 'function' ? [given] : given
}

/** Members of a list, and a text that stands by itself. */
interface Words {
  readonly points: readonly string[]
  readonly texts: readonly string[]
}

function wordsOf(said: readonly (string | readonly string[])[], isList: boolean): Words {
  const isPoint = (each: string | readonly string[]): boolean => isList || typeof each !== 'string'
  return {
    points: said.filter(isPoint).flat().flatMap(trimmed),
    texts: said
      .filter((each) => !isPoint(each))
      .flat()
      .flatMap(trimmed),
  }
}

/** @param from the number of the first member, from 0. */
function block({ mark, between }: Layout, heading: string, { points, texts }: Words, from: number): readonly string[] {
  const list = points.map((text, index) => mark(text, from + index)).join(between)
  const words = [list, ...texts].filter((text) => text !== '')
  return words.length > 0 ? [`# ${heading}`, ...words] : []
}

/** The text as it stands in a prompt; nothing of one that says nothing. */
function trimmed(text: string): readonly string[] {
  const kept = text.replaceAll('\r\n', '\n').trim()
  return kept === '' ? [] : [kept]
}

function indented(text: string, by: string): string {
  return text.replaceAll(/\n(?=[^\n])/g, `\n${by}`)
}

const EXPECTED = 'It must be a text, a function of the run that gives one at once, or a list of these.'

function checkPrompt(options: unknown): void {
  const names = SECTIONS.map(({ name }) => name)
  checkOptions('prompt was given options', options, `Give it sections: { ${names.join(', ')} }.`)
  const { leaveOut, ...given } = options as Readonly<Record<string, unknown>>
  for (const name of Object.keys(given)) {
    if (names.some((known) => known === name)) checkGiven(name, given[name])
    else throw bad(`prompt was given "${name}", which is no section. It has: ${names.join(', ')}, leaveOut.`, { name })
  }
  checkLeftOut(leaveOut)
  if (Object.values(given).some((section) => listOf(section as PromptSection<unknown> | undefined).some(saysAnything)))
    return
  throw bad(`prompt was given no section that says anything. Give it one of: ${names.join(', ')}.`)
}

function saysAnything(part: PromptPart<unknown>): boolean {
  return typeof part === 'function' || trimmed(part).length > 0
}

function checkGiven(name: string, given: unknown): void {
  if (given === undefined) return
  for (const part of Array.isArray(given) ? (given as readonly unknown[]) : [given])
    if (typeof part !== 'string' && typeof part !== 'function')
      throw bad(`The section "${name}" of a prompt was given ${sayGiven(part)}. ${EXPECTED}`, { name })
}

function checkLeftOut(leaveOut: unknown): void {
  if (leaveOut === undefined) return
  const known = Object.keys(REMINDERS)
  const left = Array.isArray(leaveOut) ? (leaveOut as readonly unknown[]) : [leaveOut]
  const stray = left.find((name) => !known.some((reminder) => reminder === name))
  if (Array.isArray(leaveOut) && stray === undefined) return
  throw bad(`leaveOut of a prompt was given ${sayGiven(stray ?? leaveOut)}. It must be a list of: ${known.join(', ')}.`)
}

function checkMade(name: SectionName, made: unknown): string | readonly string[] {
  if (made === undefined) return []
  if (typeof made === 'string') return made
  if (Array.isArray(made) && made.every((each) => typeof each === 'string')) return made
  // Nobody waits for it, and a rejection must not end the process.
  if (made instanceof Promise) made.catch(() => undefined)
  const found = made instanceof Promise ? 'a promise' : sayGiven(made)
  throw bad(`The section "${name}" of a prompt gave ${found}. It must give a text or a list of texts, at once.`, {
    name,
  })
}

function bad(message: string, details: { readonly name?: string } = {}): DefinitionError {
  return new DefinitionError({ code: 'bad_prompt', message, details: { ...details } })
}
