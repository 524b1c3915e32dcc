import { expect, test } from 'vitest'
import type { Item } from '../contracts/item.ts'
import { redactItems } from './redact-items.ts'
import { Secrets } from './secrets.ts'

test('an item of a conversation is looked through once for each set of secrets, however long that grows', async () => {
  const token = (value: string): string => `secret_${value.padEnd(22, '-')}`
  const secrets = new Secrets(async () => ({ token, secrets: [] }))
  await secrets.load()
  const items: Item[] = [{ kind: 'user', text: 'My word is rosebud.' }]
  expect(redactItems(items, secrets)).toBe(items)

  secrets.learn(['rosebud'])
  const hidden = redactItems(items, secrets)
  expect(hidden).toEqual([{ kind: 'user', text: 'My word is secret_rosebud---------------.' }])
  const longer = redactItems([...items, { kind: 'assistant', text: 'I know.' }], secrets)
  expect(longer[0]).toBe(hidden[0])

  secrets.learn(['I know.'])
  expect(redactItems(items, secrets)[0]).not.toBe(hidden[0])
})
