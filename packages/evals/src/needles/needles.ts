import { defineAgent, DefinitionError } from '@reprise/core'
import { defineEval, type Eval } from '../define/define-eval.ts'
import { outputOf } from '../score/output.ts'
import type { Score } from '../define/scorer.ts'
import { codeOf, haystack } from './haystack.ts'

/** What `needles` asks. */
export interface NeedlesOptions {
  readonly model: string
  /** How long the texts are, in tokens, by about four characters each: 100 to 2,000,000. @default 1000, 4000 and 16000 */
  readonly lengths?: readonly number[]
  /** Where the fact stands, from 0 (the beginning) to 100 (the end). @default 0, 25, 50, 75 and 100 */
  readonly depths?: readonly number[]
  /** How many texts there are for each length and depth, each with another fact: 1 to 100. @default 1 */
  readonly texts?: number
  /** What texts and facts follow from. @default 'needles' */
  readonly seed?: string
  /** The least mean that is let pass, from 0 to 1. @default no gate */
  readonly min?: number
}

/** The most tokens of an answer: a model that thinks needs some. */
const ANSWER_TOKENS = 2_048

const INSTRUCTIONS =
  'You are given a text and then a question about it. Answer from the text alone, with the number that is asked for and nothing else.'

/**
 * Defines the evaluation of how well a model finds a fact in a long text: a number of seven digits stands once at each depth of
 * each length, is asked for, and is right or wrong.
 *
 * @throws DefinitionError `bad_needles` at a length or a depth out of its range.
 * @example
 * ```ts
 * import { createRuntime } from '@reprise/core'
 * import { heatmap, heatmapText, needles, runEval } from '@reprise/evals'
 * import { memoryStore, scriptedModel } from '@reprise/testing'
 *
 * const evaluation = needles({ model: 'gpt-4.1-mini', lengths: [200, 400], depths: [0, 100] })
 * // A model that reads every second text.
 * const models = scriptedModel(({ items: [first] }, nth) => {
 *   const text = first?.kind === 'user' && nth % 2 === 1 ? first.text : ''
 *   return { text: /\d{7}/.exec(text)?.[0] ?? 'I do not know.' }
 * })
 * await using runtime = createRuntime({ store: memoryStore(), models, definitions: evaluation.definitions })
 * const { result } = await runEval(evaluation, { runtime, concurrency: 1 })
 * console.log(heatmapText(heatmap(result)).length) // 3
 * ```
 */
export function needles({
  model,
  lengths = [1_000, 4_000, 16_000],
  depths = [0, 25, 50, 75, 100],
  texts = 1,
  seed = 'needles',
  min,
}: NeedlesOptions): Eval {
  checkAll('length', lengths, 100, 2_000_000)
  checkAll('depth', depths, 0, 100)
  checkAll('number of texts', [texts], 1, 100)
  const agent = defineAgent({ name: 'needles', model, instructions: INSTRUCTIONS, maxOutputTokens: ANSWER_TOKENS })
  const places = lengths.flatMap((length) =>
    depths.flatMap((depth) => Array.from({ length: texts }, (_, at) => ({ length, depth, text: at + 1 }))),
  )
  const data = places.map(({ length, depth, text }) => {
    const id = `l${length}-d${depth}-t${text}`
    const code = codeOf(`${seed} ${id}`)
    const hidden = haystack(length, depth, `The number of the vault in Larksund is ${code}.`, `${seed} ${id} text`)
    return { id, input: `${hidden}\n\nWhat is the number of the vault in Larksund?`, expected: code }
  })
  return defineEval({
    name: 'needles',
    data,
    task: agent,
    scorers: { found },
    ...(min !== undefined && { gates: { found: { min } } }),
  })
}

/** The number, and no other: whoever lists several has not found it. */
const found: Score<string, string> = ({ row, run }) => {
  const { output, why } = outputOf(run)
  if (why !== undefined) return { score: 0, why }
  const numbers = new Set(output.replaceAll(/(?<=\d)[ ,.'](?=\d{3})/g, '').match(/\d+/g))
  const right = numbers.size === 1 && numbers.has(row.expected ?? '')
  return right
    ? true
    : { score: 0, why: `expected ${row.expected}, and it said ${JSON.stringify(output.slice(0, 80))}` }
}

function checkAll(what: string, values: readonly number[], least: number, most: number): void {
  const wrong = values.find((value) => !Number.isInteger(value) || value < least || value > most)
  if (values.length > 0 && wrong === undefined && new Set(values).size === values.length) return
  const given = values.length === 0 ? 'none' : String(wrong ?? `${values.join(', ')}, of which some are twice`)
  const message = `The ${what} is ${given}. Give whole numbers of ${least} to ${most}, each once.`
  throw new DefinitionError({ code: 'bad_needles', message })
}
