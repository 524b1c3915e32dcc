/**
 * What a prompt tells every agent unless it is left out, in this order: to keep going, to use tools rather than guess, to
 * plan between calls, and to ask for what is missing. The words are this package's own. A run has them recorded as it was
 * told them, so they may be said better at any time.
 *
 * @see https://cookbook.openai.com/examples/gpt4-1_prompting_guide for the first three, which brought close to 20 % more on
 * SWE-bench Verified, and for why the last is needed beside the second.
 */
export const REMINDERS = {
  persistence:
    'Keep going until all of what was asked is done. End your turn only then, or when you need something that only the user can give.',
  tools:
    'Where you are not sure of a fact, look it up with your tools. Do not guess, and do not answer from memory what a tool can tell.',
  planning:
    'Think before each call about what it is for and what it needs, and after it about what its result means for the next one.',
  askIfMissing:
    'If a value that a call or an answer needs is missing and no tool gives it, ask for it. Never invent one.',
} as const

/** One of the reminders that a prompt has unless it is left out. */
export type Reminder = keyof typeof REMINDERS
