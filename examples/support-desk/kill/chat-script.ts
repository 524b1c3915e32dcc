/** A line that is typed, and the id of the message that it is, or is about: so it may come again. */
export type Typed = readonly [id: string, line: string]

/** What a customer types, and those who decide for the shop. */
export const CHAT_SCRIPT: readonly Typed[] = [
  ['m-1', 'Hello, I am looking for a warm sleeping bag.'],
  ['m-2', 'Please remember that I sleep cold.'],
  ['m-3', 'My tent of F-1003 came with two snapped poles. I want my money back.'],
  ['m-3', '/approve'],
  ['m-4', 'Please refund F-1003 again.'],
  ['m-5', 'What do you know about me?'],
  ['m-6', 'I need a label for F-1003.'],
  ['m-7', 'I would like some credit for the trouble with F-1003.'],
  ['m-8', 'Please remember that I wear M.'],
  ['m-9', 'I want to talk to a person.'],
]
