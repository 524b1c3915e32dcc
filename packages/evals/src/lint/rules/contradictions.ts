// Sentences that cannot both be followed. Only what is plain is told: the same thing asked for and forbidden without any
// condition, numbers that leave no room, and pairs of demands that prompts are known to have. An exception from a general
// rule is none, since it has other words than the rule.
import type { Found, Spot } from './finding.ts'
import { isUnconditional, type Sentence, unquoted } from './sentences.ts'

/** Two demands that do not go together. Each must hold whatever happens, but the second of those that leave no case over. */
interface Pair {
  readonly always: RegExp
  readonly other: RegExp
  readonly inAnyCase?: boolean
}

const PAIRS: readonly Pair[] = [
  {
    always:
      /\b(?:never|do not|don't)\s+ask\s+(?:(?:the\s+)?(?:user|customer|person)\s+)?(?:(?:any|a|for|clarifying|follow-up|further|more)\s+){0,3}(?:questions?|clarifications?|anything|information|details)\s*[.!;,]?$/i,
    other:
      /\bask\s+(?:(?:the\s+)?(?:user|customer|person|them)\s+)?(?:for\s+(?:it|them|clarification|what is missing|more (?:information|details)|the missing\b)|(?:a\s+)?(?:clarifying|follow-up)\s+questions?|(?:if|when|whenever)\b)/i,
    inAnyCase: true,
  },
  {
    always:
      /\b(?:never|do not|don't)\s+(?:ask|wait)\s+(?:(?:the\s+)?(?:user|customer)\s+)?for\s+(?:an?\s+|any\s+|the\s+)?(?:confirmation|permission|approval)\s*[.!;,]?$/i,
    other:
      /\b(?:ask|wait)\b[^.,;]{0,40}\bfor\b[^.,;]{0,30}\b(?:confirmation|permission|approval)\b|\b(?:obtain|get)\b[^.,;]{0,40}\b(?:confirmation|permission|approval)\b/i,
    inAnyCase: true,
  },
  {
    always: /\b(?:never|do not|don't)\s+(?:guess|make (?:any )?(?:guesses|assumptions))\b/i,
    other:
      /\b(?:make|take|give)\s+(?:your|a|an)\s+(?:best|educated|reasonable)\s+(?:guess|assumption)\b|\bassume\s+(?:a\s+)?(?:sensible|reasonable)\s+(?:defaults?|values?)\b/i,
    inAnyCase: true,
  },
  {
    always:
      /^(?:you (?:must|should) )?(?:always )?(?:be|stay|keep (?:it|(?:your|the|all)\s+(?:answers?|repl(?:y|ies)|responses?)))\s+(?:\w+\s+){0,2}(?:brief|concise|short|terse)\b|\b(?:answer|reply|respond)\s+(?:\w+\s+)?(?:briefly|concisely|tersely)\b|\b(?:short|brief|concise)\s+(?:answers|replies|responses)\b/i,
    other:
      /\b(?:detailed|thorough|comprehensive|exhaustive|lengthy|in-depth)\s+(?:answers?|repl(?:y|ies)|responses?|explanations?)\b|\bbe\s+(?:\w+\s+){0,2}(?:detailed|thorough|comprehensive|exhaustive)\s+in\s+your\s+(?:answers|replies|responses)\b|\b(?:answer|reply|respond)\s+(?:\w+\s+){0,2}(?:in (?:great |full )?detail|at length|thoroughly)\b/i,
  },
  {
    always: /\b(?:only|nothing but)\s+(?:in\s+|with\s+|as\s+)?(?:valid\s+|raw\s+|a\s+)?JSON\b|\bJSON\s+only\b/i,
    other: /\b(?:use|in|as|with)\s+Markdown\b|\b(?:in|as)\s+plain\s+text\b/i,
  },
  {
    always:
      /\b(?:no|without|never use|do not use|don't use)\s+(?:any\s+)?Markdown\b|\bplain\s+text\s+only\b|\bonly\s+(?:in\s+|as\s+)?plain\s+text\b/i,
    other: /\b(?:use|in|as|with)\s+Markdown\b/i,
  },
  {
    always:
      /\b(?:only|always)\s+(?:answer|reply|respond|write|speak)?\s*in\s+(?:English|German|French|Spanish|Italian|Portuguese|Dutch|Norwegian|Japanese|Chinese)\b|\b(?:answer|reply|respond|write|speak)\s+(?:only|always)\s+in\s+(?:English|German|French|Spanish|Italian|Portuguese|Dutch|Norwegian|Japanese|Chinese)\b/i,
    other:
      /\b(?:answer|reply|respond|write|speak)\b[^.;]{0,30}\bin\s+(?:the\s+(?:same\s+)?language\s+(?:of|that|in which|the)|(?:the\s+)?(?:user|customer)['\u2019]s\s+(?:own\s+)?language|their\s+(?:own\s+)?language)/i,
  },
  {
    always: /\b(?:be|stay|sound|write|answer)\s+(?:\w+\s+){0,2}(?<!in)formal(?:ly)?\b/i,
    other: /\b(?:be|stay|sound|write|answer)\s+(?:\w+\s+){0,2}(?:informal|casual|chatty)(?:ly)?\b/i,
  },
]

/** Words that turn what follows them around. */
const NEGATED = /\b(?:never|not|don't|no|without|avoid)\s+(?:\w+\s+){0,2}$/i

/** Sentences of one prompt that cannot both be followed. */
export function contradictions(sentences: readonly Sentence[]): readonly Found[] {
  const said = sentences.filter(({ heading }) => !/example|context|document/.test(heading))
  return [...opposites(said), ...PAIRS.flatMap((pair) => paired(said, pair)), ...numbers(said)]
}

function found(one: Sentence, other: Sentence): Found {
  const [first, second] = one.start < other.start ? [one, other] : [other, one]
  return { rule: 'contradiction', at: spot(second), other: spot(first) }
}

function spot({ text, line }: Sentence): Spot {
  return { words: text, line }
}

function paired(sentences: readonly Sentence[], { always, other, inAnyCase = false }: Pair): readonly Found[] {
  const one = sentences.find(({ text }) => isUnconditional(text) && always.test(unquoted(text)))
  const against = sentences.find(
    (sentence) =>
      sentence !== one && (inAnyCase || isUnconditional(sentence.text)) && says(unquoted(sentence.text), other),
  )
  return one && against ? [found(one, against)] : []
}

/** Whether a sentence demands something, and does not forbid it. */
function says(text: string, demand: RegExp): boolean {
  const match = demand.exec(text)
  return match !== null && !NEGATED.test(text.slice(0, match.index))
}

const FORBIDS =
  /^(?:you\s+(?:must|should|may|can|are)\s+)?(?:never|do not|don't|must not|cannot|can't|not)\s+(?:to\s+)?(?=\w)/i
const DEMANDS = /^(?:you\s+)?(?:(?:must|should|always|do)\s+){0,2}(?=\w)/i

/** What is asked for in one sentence, and forbidden in another, in the same words. */
function opposites(sentences: readonly Sentence[]): readonly Found[] {
  const demanded = new Map<string, Sentence>()
  const forbidden = new Map<string, Sentence>()
  for (const sentence of sentences) {
    const text = unquoted(sentence.text)
    if (!isUnconditional(text)) continue
    const forbids = FORBIDS.test(text)
    const key = contentOf(text.replace(forbids ? FORBIDS : DEMANDS, ''))
    if (key === undefined) continue
    const side = forbids ? forbidden : demanded
    if (!side.has(key)) side.set(key, sentence)
  }
  return [...demanded].flatMap(([key, sentence]) => {
    const against = forbidden.get(key)
    return against ? [found(sentence, against)] : []
  })
}

const IDLE = new Set(
  'a an any all the your you their this that these those to of in on at with and or be is are it its please ever'.split(
    ' ',
  ),
)
const SAME: Readonly<Record<string, string>> = {
  customer: 'user',
  client: 'user',
  respond: 'answer',
  response: 'answer',
  reply: 'answer',
  replie: 'answer',
  use: 'call',
  invoke: 'call',
}

/** What a demand is about, in any order of its words; undefined where that is less than two. */
function contentOf(text: string): string | undefined {
  const words = (text.toLowerCase().match(/[\p{L}\p{N}_'-]+/gu) ?? [])
    .filter((word) => !IDLE.has(word))
    .map((word) => stem(word))
  const distinct = [...new Set(words)].toSorted()
  // A sentence that still says no is about something else than it seems.
  if (distinct.length < 2 || /\b(?:not|no|never|nothing|none|neither)\b/i.test(text)) return undefined
  return distinct.join(' ')
}

function stem(word: string): string {
  const short = word.length > 3 && !word.endsWith('ss') ? word.replace(/s$/, '') : word
  return SAME[short] ?? short
}

const BOUND =
  /\b(at most|no more than|up to|at least|no fewer than|no less than)\s+(\d+|one|two|three|four|five|six|seven|eight|nine|ten)\s+(\p{L}+)/iu
const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
/** What answers are measured in. */
const MEASURES = /^(?:word|sentence|paragraph|line|bullet|point|character)s?$/i

/** At most so many sentences, and at least more than that. */
function numbers(sentences: readonly Sentence[]): readonly Found[] {
  const bounds = sentences.flatMap((sentence) => {
    const [, kind, number = '', unit = ''] = isUnconditional(sentence.text) ? (BOUND.exec(sentence.text) ?? []) : []
    if (kind === undefined || !MEASURES.test(unit)) return []
    const index = NUMBERS.indexOf(number.toLowerCase())
    const isLeast = /least|fewer|less/i.test(kind)
    return [{ sentence, isLeast, count: index === -1 ? Number(number) : index, unit: stem(unit.toLowerCase()) }]
  })
  return bounds
    .filter(({ isLeast }) => isLeast)
    .flatMap((least) => {
      const most = bounds.find((bound) => !bound.isLeast && bound.unit === least.unit && bound.count < least.count)
      return most ? [found(least.sentence, most.sentence)] : []
    })
}
