/** Prompts in which there is nothing to find, each with what comes close to something that is found. */
export const GOOD: readonly (readonly [what: string, text: string])[] = [
  ['a rule and its exception', 'Refund damaged goods at once.\nDo not refund goods that were damaged by the customer.'],
  [
    'the same done and not done, each in its case',
    '- If the order is pending, change the address.\n- When the order has shipped, do not change the address.',
  ],
  ['things that are asked for, and things that are not', 'Ask for the order number. Never ask for a password.'],
  [
    'short answers and thorough work',
    'Keep your replies short. Be thorough when you search, and read every page that you find.',
  ],
  [
    'a short mail beside a detailed report',
    'Keep mails brief. Write a detailed summary for the colleague who takes over.',
  ],
  [
    'tools that are used rather than guessed',
    'Always use your tools rather than guess. Make at most one tool call at a time. You must call find_order before refund_order.',
  ],
  [
    'a tool for each answer, with the way out of it',
    'You must call a tool before each reply. If information is missing that the tool needs, ask the user for it.',
  ],
  ['what is not to be called', 'You should always respond in words. Never call a tool while you respond.'],
  [
    'a sentence that is to be said exactly',
    'Before a refund, say exactly: "Refunds take five to seven days to arrive."',
  ],
  [
    'phrases that are to be varied',
    '# Sample phrases\n\nVary these, and never repeat one.\n\n- "I am sorry to hear that happened."\n- "Let me look into that for you."',
  ],
  ['what a user may write', 'A customer may write "I want my money back, and now". Stay calm.'],
  [
    'a time as an example',
    'All times are of a clock of 24 hours, for example "02:30:00" is half past two at night. '.repeat(12),
  ],
  [
    'a version and a day that stay',
    `The catalogue is that of 2026-03-01, in version 2.14.0. ${'It is the whole of it. '.repeat(40)}`,
  ],
  [
    'an id as an example',
    `Ids look like "6f1c2b3a-9d4e-4f5a-8b6c-7d8e9f0a1b2c". ${'Look each of them up. '.repeat(40)}`,
  ],
  [
    'an example of JSON',
    `# Examples\n\n${JSON.stringify(Array.from({ length: 12 }, (_, id) => ({ id, title: 'A lamp', text: 'It is made of brass and oak.' })))}`,
  ],
  [
    'a shape in JSON',
    'Answer with JSON: {"total": 12, "lines": [{"text": "a", "amount": 1}, {"text": "b", "amount": 2}]}',
  ],
  [
    'instructions above a long context',
    `# Role\n\nYou answer questions.\n\n# Instructions\n\nAnswer from the documents alone.\n\n# Documents\n\n${'A long story. '.repeat(700)}\n\n# Final instructions\n\nAnswer from the documents alone.`,
  ],
  [
    'limits that leave room',
    'Write at most five sentences. Name at least two products. Write at least one sentence about each.',
  ],
  [
    'one language, and a word of another',
    'Answer only in English. Keep the names of products in the language of the catalogue.',
  ],
  ['JSON here and Markdown there', 'Answer in Markdown. Write the arguments of calls as JSON.'],
  [
    'prose that says never twice',
    'Never promise a date. Never share what another customer wrote.\nPromise a call back.',
  ],
  [
    'guessing forbidden, an estimate asked for',
    'Do not guess an order. Estimate the time of arrival from the records.',
  ],
  ['length by the question', 'Be brief. If somebody asks for more, give detailed explanations.'],
  ['the same said twice, once by a no', 'Keep your answers short. Never give detailed explanations.'],
  ['what stands in a block of code', 'Always answer in English.\n\n```\nNever answer in English.\n```'],
  ['a conversation between marks', 'Never ask any questions.\n\n<example>\nUser: ask for it.\n</example>'],
]
