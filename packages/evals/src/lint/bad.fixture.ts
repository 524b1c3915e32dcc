const long = 'The desk is open from nine to five, and closed on Sundays. '.repeat(12)

/** Prompts with something to find: what, with its line and the line that it does not go with. */
export const BAD: readonly (readonly [text: string, found: readonly string[]])[] = [
  ['Always offer a refund.\n\nBe kind.\n\nNever offer a refund.', ['contradiction 5 of 1']],
  [
    '- Share the tracking number with the customer.\n- You must not share the tracking number with your customers.',
    ['contradiction 2 of 1'],
  ],
  ["Don't mention the competitors.\nYou should always mention competitors.", ['contradiction 2 of 1']],
  ['Never ask the user any questions.\nIf a value is missing, ask for it.', ['contradiction 2 of 1']],
  ['Do not ask for clarification.\nAsk clarifying questions when the request is vague.', ['contradiction 2 of 1']],
  ['Never wait for confirmation.\nObtain the confirmation of the user before each change.', ['contradiction 2 of 1']],
  ['Never guess.\nIf you are not sure, make your best guess.', ['contradiction 2 of 1']],
  ['Be brief and concise. Give detailed explanations.', ['contradiction 1 of 1']],
  ['Keep your answers short.\n\n# Tone\n\nAnswer in great detail.', ['contradiction 5 of 1']],
  ['Respond with only valid JSON.\nUse Markdown for lists.', ['contradiction 2 of 1']],
  ['Do not use Markdown.\nPut the names of products in bold, and write tables in Markdown.', ['contradiction 2 of 1']],
  ['Always answer in English.\nReply in the language of the customer.', ['contradiction 2 of 1']],
  ['Be formal.\nStay casual and chatty.', ['contradiction 2 of 1']],
  ['Answer in at most three sentences.\nUse at least 5 sentences.', ['contradiction 2 of 1']],
  ['You must call a tool before responding to the user.', ['always-call-a-tool 1']],
  ['# Rules\n\n- Always use a tool.', ['always-call-a-tool 3']],
  ['In every turn, make exactly one function call.', ['always-call-a-tool 1']],
  ['Every reply must use one of the tools.', ['always-call-a-tool 1']],
  [
    '# Sample phrases\n\n- "I am sorry to hear that happened."\n- "Let me look into that for you."',
    ['sample-phrase 3'],
  ],
  ['When they are angry, say something like "I completely understand how you feel".', ['sample-phrase 1']],
  [`Today is 2026-11-30.\n\n${long}`, ['volatile-prefix 1']],
  [`You work at a desk.\nThe current time is 14:05.\n\n${long}`, ['volatile-prefix 2']],
  [`Session ID: 8f3a2c91\n${long}`, ['volatile-prefix 1']],
  [`You work at a desk.\n\nRequest 6f1c2b3a-9d4e-4f5a-8b6c-7d8e9f0a1b2c.\n${long}`, ['volatile-prefix 3']],
  [`Made at 2026-11-30T14:05:09.120Z.\n${long}`, ['volatile-prefix 1']],
  [
    `Answer from these.\n\n${JSON.stringify(
      Array.from({ length: 9 }, (_, id) => ({ id, title: `Lamp ${id}`, text: 'It is made of brass, oak and glass.' })),
      undefined,
      1,
    )}`,
    ['json-documents 3'],
  ],
  [
    `# Documents\n\n${'A long story. '.repeat(700)}\n\n# Instructions\n\nAnswer from the documents.`,
    ['late-instructions 5'],
  ],
]
