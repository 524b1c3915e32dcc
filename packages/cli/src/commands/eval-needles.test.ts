import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fakeOpenAI } from '@reprise/fake-openai'
import { expect, test } from 'vitest'
import { reprise, tempFolder } from '../reprise.fixture.ts'

/** A model that reads the first 3,000 characters, and the last 300. */
function reader() {
  return fakeOpenAI(({ body }) => {
    const asked = JSON.stringify(body.input)
    const found = /\d{7}/.exec(asked.slice(0, 3_000) + asked.slice(-300))
    return { text: found?.[0] ?? 'I do not know.' }
  })
}

test('needles is one command against any server, of either API, with a plot', async () => {
  await using fake = await reader()
  for (const api of ['responses', 'chat']) {
    const cwd = tempFolder()
    const env = { OPENAI_BASE_URL: fake.url, OPENAI_API_KEY: 'any' }
    const words = [
      'eval',
      'needles',
      '--model',
      'gpt-4.1-mini',
      '--api',
      api,
      '--lengths',
      '500,2000',
      '--depths',
      '0,50,100',
    ]
    const { code, stdout, stderr } = await reprise([...words, '--html', 'needles.html', '--min', '0.9'], { cwd, env })
    expect(stderr).toBe('')
    expect(stdout).toContain('needles: 6 rows, 1 time each\n')
    expect(stdout).toContain('  GATE  found is to be at least 0.9, and is 0.8333\n')
    expect(stdout.slice(stdout.indexOf('depth'))).toBe(`depth         500      2,000
0 %     ███ 100 %  ███ 100 %
50 %    ███ 100 %  ···   0 %
100 %   ███ 100 %  ███ 100 %
`)
    expect(code).toBe(1)
    const [, hint = ''] = /^ {2}reprise (show eval:needles:\S+ --store evals\.db) /m.exec(stdout) ?? []
    expect(await reprise(hint.split(' '), { cwd })).toMatchObject({ code: 0, stderr: '' })
    expect(readFileSync(join(cwd, 'needles.html'), 'utf8')).toContain('<svg role="img"')
    expect(existsSync(join(cwd, 'needles.eval.json'))).toBe(false)

    const asked = fake.requests.length
    expect(await reprise(words, { cwd, env })).toMatchObject({ code: 0 })
    expect(fake.requests.length).toBe(asked)
    expect(existsSync(join(cwd, 'needles.eval.json'))).toBe(true)
  }
})

test('a wrong command line asks nobody', async () => {
  const cwd = tempFolder()
  const wrong = async (...words: readonly string[]) => {
    const { code, stderr } = await reprise(['eval', 'needles', ...words], { cwd })
    expect(code).toBe(2)
    return stderr
  }
  expect(await wrong()).toContain("required option '--model <name>' not specified")
  expect(await wrong('--model', 'm', '--lengths', '10,x')).toContain('It must be a whole number, 100 to 2000000.')
  expect(await wrong('--model', 'm', '--min', '2')).toContain('It must be a number of 0 to 1.')
  expect(await wrong('--model', 'm', '--api', 'soap')).toContain('responses, chat')
  expect(await wrong()).toContain('See: reprise eval needles --help\n')
  for (const option of ['--html', '--junit'])
    expect(await reprise(['eval', 'needles', '--model', 'm', option, 'no/file'], { cwd })).toMatchObject({
      code: 1,
      stderr: `reprise: There is no folder ${join(cwd, 'no')}. Make it first.\n`,
    })
  expect(existsSync(join(cwd, 'evals.db'))).toBe(false)
})
