/** What is looked for, with why it matters, who says so, and what to do. */
export const LINT_RULES = {
  contradiction: {
    why: 'Where two instructions conflict, the model goes by the one that comes later, or now by one and now by the other.',
    source: 'https://cookbook.openai.com/examples/gpt4-1_prompting_guide#3-instruction-following',
    remedy: 'Keep one of them, or say when each of them holds.',
  },
  'always-call-a-tool': {
    why: 'A model that must call a tool, and lacks what the call needs, invents the arguments or calls with none.',
    source: 'https://cookbook.openai.com/examples/gpt4-1_prompting_guide#3-instruction-following',
    remedy: 'Say when to call which tool, and add: if something that a call needs is missing, ask for it.',
  },
  'sample-phrase': {
    why: 'The model says sample phrases word for word, again and again.',
    source: 'https://cookbook.openai.com/examples/gpt4-1_prompting_guide#3-instruction-following',
    remedy:
      'Describe how it is to sound, or add: vary these, and never say one of them twice. What is to be said so, say so: "exactly".',
  },
  'volatile-prefix': {
    why: 'A prompt cache serves a request up to the first character that differs from an earlier one, and what follows is paid for in full.',
    source: 'https://platform.openai.com/docs/guides/prompt-caching',
    remedy:
      'Put what differs from run to run last (prompt() does that with functions), or into the message of the user.',
  },
  'same-description': {
    why: 'The model chooses tools by their descriptions, and nothing tells these apart.',
    source: 'https://cookbook.openai.com/examples/gpt4-1_prompting_guide#tool-calls',
    remedy: 'Say of each what it does that the other does not, and when to use it.',
  },
  'example-in-description': {
    why: 'Examples of calls in a description make it long, and are followed less than examples in the prompt.',
    source: 'https://cookbook.openai.com/examples/gpt4-1_prompting_guide#tool-calls',
    remedy: "Move it under the prompt's heading # Examples; say what an argument is like in its own description.",
  },
  'json-documents': {
    why: 'Of the formats for many documents, JSON did particularly poorly.',
    source: 'https://cookbook.openai.com/examples/gpt4-1_prompting_guide#2-long-context',
    remedy: 'Give them as <doc id="1" title="...">...</doc>, or as lines of ID: 1 | TITLE: ... | CONTENT: ...',
  },
  'late-instructions': {
    why: 'Instructions that stand once do better above a long context than below it, and best at both ends.',
    source: 'https://cookbook.openai.com/examples/gpt4-1_prompting_guide#2-long-context',
    remedy: 'Move them above the context, and say the most important ones once more below it.',
  },
} as const

/** The name of something that is looked for. */
export type LintRule = keyof typeof LINT_RULES

/** Something in a prompt that models are known to take badly. */
export interface LintFinding {
  readonly rule: LintRule
  /** The agent's name; null of a text alone. */
  readonly agent: string | null
  /** The tool whose description it stands in; null of the instructions. */
  readonly tool: string | null
  /** Its line in the instructions as they are rendered, from 1; null of a description. */
  readonly line: number | null
  /** The words, as they stand there, 200 characters at most. */
  readonly words: string
  /** The other words that they do not go with, and their line, where there are such. */
  readonly other: { readonly words: string; readonly line: number | null; readonly tool: string | null } | null
  readonly why: string
  /** Where that is said, as an address. */
  readonly source: string
  /** What to do, in a sentence. */
  readonly remedy: string
}

/** Where something was found in a text, and what it is. */
export interface Spot {
  readonly words: string
  readonly line: number
}

/** What a rule has found: a place, and another one that it does not go with. */
export interface Found {
  readonly rule: LintRule
  readonly at: Spot
  readonly other?: Spot
}

/** The most characters of words that are shown. */
const MOST = 200

/** Words on one line, cut where they are long. */
export function shown(words: string): string {
  const line = words.replaceAll(/\s+/g, ' ').trim()
  return line.length > MOST ? `${line.slice(0, MOST - 1).toWellFormed()}\u2026` : line
}
