import { expect, test } from 'vitest'
import { answersIn } from './answers-in.ts'

test.for([
  ['in a fence', '```json\n{"a":1}\n```', ['{"a":1}']],
  ['in a fence between words', 'Here it is:\n```\n{"a":1}\n```\nAnything else?', ['{"a":1}']],
  ['after thoughts', '<think>Is it {"a":2}?</think>\n\n{"a":1}', ['{"a":1}']],
  ['after thoughts whose beginning the server has cut', 'Is it {"a":2}?</think>{"a":1}', ['{"a":1}']],
  ['between words', 'The answer is {"a":1}, I think.', ['{"a":1}']],
  ['said twice', '{"a":1}\n{"a":1}', ['{"a":1}', '{"a":1}']],
  ['said otherwise the second time', '{"a":1}{"a":2}', ['{"a":1}', '{"a":2}']],
  ['with braces in its texts', 'So: {"a":"} \\" {"}.', ['{"a":"} \\" {"}']],
  ['with objects in it', 'So: {"a":{"b":{}}}.', ['{"a":{"b":{}}}']],
  ['after a brace that belongs to no JSON', 'In {curly} braces: {"a":1}', ['{"a":1}']],
  ['after one that nothing closes', 'Mind the { here: {"a":1}', ['{"a":1}']],
  ['cut off', '{"a":1,"b":', []],
  ['in words alone', 'I do not know.', []],
] as const)('an answer is found %s', ([, text, found]) => {
  expect(answersIn(text)).toEqual(found)
})

test('an answer is looked for at a hundred places, so that braces without an end cost little', () => {
  expect(answersIn(`${'{ '.repeat(99)}{"a":1}`)).toEqual(['{"a":1}'])
  expect(answersIn(`${'{ '.repeat(100)}{"a":1}`)).toEqual([])
})
