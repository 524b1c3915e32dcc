import { fakeOpenAI } from '@reprise/fake-openai'
import { expect, test } from 'vitest'
import { reprise, tempFolder } from '../reprise.fixture.ts'

test(
  'retail is one command against any server: a desk that only talks serves those who are to be refused',
  { tags: 'slow' },
  async () => {
    // Customers write once and go; the desk looks nothing up.
    await using fake = await fakeOpenAI(({ body }) => {
      const isCustomer = JSON.stringify(body).includes('You play a customer')
      if (!isCustomer) return { text: 'I can do nothing for you.' }
      return { text: JSON.stringify(body.input).includes('Desk: ') ? 'END' : 'Help me.' }
    })
    const env = { OPENAI_BASE_URL: fake.url, OPENAI_API_KEY: 'any' }
    const words = ['eval', 'retail', '--model', 'gpt-4.1-mini', '--user', 'gpt-4.1', '--repeat', '2', '--min', '0.5']
    const { code, stdout, stderr } = await reprise(words, { cwd: tempFolder(), env })
    expect(stderr).toBe('')
    expect(stdout).toContain('retail: 8 rows, 2 times each\n')
    expect(stdout.replaceAll(/ +/g, ' ')).toContain(' pass^1 0.250 0.071 to 0.591\n pass^2 0.250 0.071 to 0.591\n')
    expect(stdout).toContain('  GATE  pass^1 is to be at least 0.5, and is 0.25\n')
    expect(code).toBe(1)
    const asked = new Set(fake.requests.map(({ body }) => (body as { model: string }).model))
    expect(asked).toEqual(new Set(['gpt-4.1-mini', 'gpt-4.1']))
  },
)

test('retail tells pass^1 also where each customer comes once', async () => {
  await using fake = await fakeOpenAI(() => ({ text: 'END' }))
  const env = { OPENAI_BASE_URL: fake.url, OPENAI_API_KEY: 'any' }
  const cwd = tempFolder()
  const { stdout } = await reprise(['eval', 'retail', '--model', 'gpt-4.1-mini', '--repeat', '1'], { cwd, env })
  expect(stdout).toMatch(/^ {2}pass\^1 +0\.\d{3} /m)
})
