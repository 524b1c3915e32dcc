import { expect, test } from 'vitest'
import { faultKinds } from './fake-openai/faults/kinds.ts'
import { openShop, tell } from './faults.fixture.ts'
test.for(faultKinds.filter((k) => !['hang','stall','slow'].includes(k)))('%s', async (fault) => {
  await using shop = await openShop([{ n: 1, fault }])
  const story = await tell(shop)
  console.log(fault, JSON.stringify(story, null, 1))
  expect(1).toBe(1)
})
