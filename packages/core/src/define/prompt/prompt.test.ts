import { expect, it } from 'vitest'
import { prompt, type PromptOptions } from '../../index.ts'

const ALL = ['persistence', 'tools', 'planning', 'askIfMissing'] as const
const run = { context: undefined }

/** What is composed without any reminder. */
function bare(options: PromptOptions<undefined>): string {
  return prompt({ leaveOut: ALL, ...options })(run)
}

it('sections stand in one order, each under its heading, however they are given', () => {
  const text = bare({
    final: 'Answer in one sentence.',
    context: 'The shop opens at nine.',
    examples: ['A late parcel: apologise once.', 'A lost parcel:\nrefund it.'],
    output: ['A greeting.', 'The answer.'],
    steps: ['Find the order.', 'Say where it is,\nand when it comes.'],
    skills: '- refunds: How refunds are made.',
    instructions: ['Be kind.', 'Be brief.'],
    role: 'You work at the desk of a shop.',
  })
  expect(text).toBe(`# Role

You work at the desk of a shop.

# Instructions

- Be kind.
- Be brief.

# Skills

- refunds: How refunds are made.

# Reasoning steps

1. Find the order.
2. Say where it is,
   and when it comes.

# Output format

- A greeting.
- The answer.

# Examples

## Example 1

A late parcel: apologise once.

## Example 2

A lost parcel:
refund it.

# Context

The shop opens at nine.

# Final instructions

Answer in one sentence.`)
})

it('the instructions begin with the reminders that are not left out, also where there are no others', () => {
  const points = (options: PromptOptions<undefined>) =>
    prompt(options)(run)
      .split('\n')
      .map((line) => line.slice(0, 24))
  expect(points({ role: 'You help.' })).toEqual([
    '# Role',
    '',
    'You help.',
    '',
    '# Instructions',
    '',
    '- Keep going until all o',
    '- Where you are not sure',
    '- Think before each call',
    '- If a value that a call',
  ])
  expect(points({ instructions: ['Be kind.'], leaveOut: ['tools', 'planning', 'askIfMissing'] })).toEqual([
    '# Instructions',
    '',
    '- Keep going until all o',
    '- Be kind.',
  ])
  expect(points({ instructions: 'Be kind.', leaveOut: ['tools', 'planning'] })).toEqual([
    '# Instructions',
    '',
    '- Keep going until all o',
    '- If a value that a call',
    '',
    'Be kind.',
  ])
})

it('what functions make of a run comes after all that is the same for every run, in the same order', () => {
  const made = prompt<{ name: string; vip: boolean }>({
    leaveOut: ALL,
    role: ({ context }) => `You serve ${context.name}.`,
    instructions: ['Be kind.', ({ context }) => (context.vip ? 'Offer a gift.' : undefined), 'Be brief.'],
    steps: [({ context }) => [`Greet ${context.name}.`, 'Ask what is wrong.'], 'Listen.'],
    output: () => ['One line.', 'No more.'],
    context: ({ context }) => (context.vip ? 'A good customer.' : ''),
    final: 'Thank them.',
  })
  const stable = `# Instructions

- Be kind.
- Be brief.

# Reasoning steps

1. Listen.

# Final instructions

Thank them.`
  expect(made({ context: { name: 'Ada', vip: true } })).toBe(`${stable}

# Role

You serve Ada.

# Instructions for this run

- Offer a gift.

# Reasoning steps for this run

2. Greet Ada.
3. Ask what is wrong.

# Output format

- One line.
- No more.

# Context

A good customer.`)
  expect(made({ context: { name: 'Bo', vip: false } })).toBe(`${stable}

# Role

You serve Bo.

# Reasoning steps for this run

2. Greet Bo.
3. Ask what is wrong.

# Output format

- One line.
- No more.`)
})

it('the same words give the same bytes, wherever their lines were ended, and what says nothing is left out', () => {
  const one = bare({ role: 'You help.\nWell.', instructions: ['Be kind.'], context: 'Open.' })
  expect(
    bare({ role: '\r\nYou help.\r\nWell.\r\n', instructions: ['  Be kind. ', ' '], steps: [], context: 'Open.' }),
  ).toBe(one)
})

it.each<[string, unknown, string]>([
  [
    'nothing',
    undefined,
    'prompt was given options: nothing. Give it sections: { role, instructions, skills, steps, output, examples, context, final }.',
  ],
  [
    'sections that say nothing',
    { role: ' ', instructions: [] },
    'prompt was given no section that says anything. Give it one of: role, instructions, skills, steps, output, examples, context, final.',
  ],
  [
    'a section that there is not',
    { rule: 'Be kind.' },
    'prompt was given "rule", which is no section. It has: role, instructions, skills, steps, output, examples, context, final, leaveOut.',
  ],
  [
    'a section that is no text',
    { role: 'You help.', steps: ['One.', 2] },
    'The section "steps" of a prompt was given the number 2. It must be a text, a function of the run that gives one at once, or a list of these.',
  ],
  [
    'a reminder that there is not',
    { role: 'You help.', leaveOut: ['tool'] },
    'leaveOut of a prompt was given "tool". It must be a list of: persistence, tools, planning, askIfMissing.',
  ],
  [
    'a reminder outside of a list',
    { role: 'You help.', leaveOut: 'tools' },
    'leaveOut of a prompt was given "tools". It must be a list of: persistence, tools, planning, askIfMissing.',
  ],
])('%s is refused', (_, options, message) => {
  expect(() => prompt(options as never)).toThrow(expect.objectContaining({ message }))
})

it.each<[found: string, give: () => unknown]>([
  // Whose rejection is nobody's.
  ['a promise', () => Promise.reject(new Error('late'))],
  ['the number 7', () => 7],
  ['a list', () => ['a', null]],
])('a function that gives %s is refused when the prompt is rendered', (found, give) => {
  expect(() => prompt({ context: give as () => string })(run)).toThrow(
    expect.objectContaining({
      code: 'bad_prompt',
      message: `The section "context" of a prompt gave ${found}. It must give a text or a list of texts, at once.`,
    }),
  )
})
