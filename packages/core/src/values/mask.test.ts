import { expect, test } from 'vitest'
import { maskCredentials } from './mask.ts'

test.each([
  ['connect ECONNREFUSED postgres://app:hunter2@db:5432/shop', 'connect ECONNREFUSED postgres://***@db:5432/shop'],
  [
    'GET https://x.example/a?api_key=abc123&page=2 answered 500',
    'GET https://x.example/a?api_key=***&page=2 answered 500',
  ],
  ['Server=db;User=app;Password=hunter2;Timeout=5', 'Server=db;User=app;Password=***;Timeout=5'],
  ['refused: Authorization: Bearer abcdefgh.ijk', 'refused: Authorization: Bearer ***'],
  ['Incorrect API key provided: sk-proj-abcdefghijklmnop', 'Incorrect API key provided: ***'],
  ['ghp_abcdefghijklmnopqrstuv and AKIAABCDEFGHIJKLMNOP', '*** and ***'],
  ['token eyJhbGciOiJI.eyJzdWIiOiIx.abc is over', 'token *** is over'],
])('%s is told as %s', (text, told) => {
  expect(maskCredentials(text)).toBe(told)
})

test.each([
  'The password is too short.',
  'no such table: tokens',
  'https://x.example/a@b?page=2',
  'write to ann@x.example',
  'the bearer of bad news',
  'sk-1 is no key',
])('%s is told as it is', (text) => {
  expect(maskCredentials(text)).toBe(text)
})
