// Every line of a golden file is somebody else's.
import { memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { digest } from '../src/index.ts'
import { runtimeOf } from './flow.fixture.ts'
import { errorOf, exported, served } from './golden.fixture.ts'

describe('a golden file that was changed', () => {
  it.each<[string, (lines: string[]) => void, string]>([
    [
      'is empty',
      (lines) => lines.splice(0),
      'Line 1 of the golden file cannot be taken: there is nothing. A golden file begins with its head.',
    ],
    [
      'is no JSON',
      (lines) => lines.splice(1, 1, '{"run":'),
      'Line 2 of the golden file cannot be taken: it is no JSON: {"run":. Each line',
    ],
    [
      'is a list',
      (lines) => lines.splice(1, 1, '[1]'),
      'Line 2 of the golden file cannot be taken: it is [1]. Each line must be an object of JSON.',
    ],
    [
      'has no head',
      (lines) => lines.splice(0, 1),
      'Line 1 of the golden file cannot be taken: it is not the head of a golden file: {"run":"r","kind":',
    ],
    [
      'is of a newer format',
      change(0, '"version":1', '"version":2'),
      'Line 1 of the golden file cannot be taken: "version" is the number 2. It must be 1, the only one that this release knows.',
    ],
    [
      'is of a newer journal',
      change(0, '"journal":2', '"journal":3'),
      '"journal" is the number 3. It must be 1 to 2: a newer release wrote the file',
    ],
    [
      'has another body',
      change(2, '"input":"go"', '"input":"stop"'),
      'Line 3 of the golden file cannot be taken: "digest" is "',
    ],
    [
      'has another digest',
      change(2, '"digest":"', '"digest":"x'),
      `that of its body: the body or the digest was changed.`,
    ],
    [
      'lacks an entry',
      (lines) => lines.splice(3, 1),
      'Line 4 of the golden file cannot be taken: "seq" is the number 2. It must be 1: the entries of a run follow each other.',
    ],
    [
      'lacks the last entry',
      (lines) => lines.splice(-2, 1),
      'the run "r" has 6 entries before it. It must have 7: some are missing.',
    ],
    [
      'is cut off',
      (lines) => lines.splice(-1, 1),
      'Line 9 of the golden file cannot be taken: the file ends after it. Its last line says how many runs it has',
    ],
    ['lacks a run', change(-1, '"end":1', '"end":2'), '"end" is 2. There are 1 runs before it: some are missing.'],
    [
      'has an unknown kind',
      change(3, '"kind":"model.replied"', '"kind":"model.dreamt"'),
      '"kind" is "model.dreamt". It must be a kind of entry that this release knows',
    ],
    [
      'has an owner',
      change(1, '"run":"r"', '"run":"r","owner":"me"'),
      'it has "owner". A line of its kind has run, kind, name,',
    ],
    [
      'has a status that its entries do not have',
      change(1, '"status":"completed"', '"status":"failed"'),
      'the run "r" stands as failed, and has ended. By its last entry it has ended as completed.',
    ],
    [
      'is of another definition',
      change(1, '"name":"clerk"', '"name":"thief"'),
      'the run "r" is of agent "thief" 1. By its first entry it is of agent "clerk" 1.',
    ],
    [
      'has an id that no run can have',
      change(1, '"run":"r"', '"run":"r r"'),
      '"run" is "r r". It must be the id of a run: 1 to 200 printable characters without spaces.',
    ],
    ['has a time that is none', change(1, '"createdAt":', '"createdAt":1e99,"x":'), 'it has "x"'],
    [
      'has a total below 0',
      change(1, '"turns":2', '"turns":-2'),
      '"totals".turns is the number -2. Its figures must be whole numbers, 0 or more.',
    ],
    [
      'has what was accepted, and it is nothing',
      (lines) => lines.push('{"accepted":{"agent":"clerk"}}'),
      '"field" is nothing. It must be text.',
    ],
  ])('%s: it is refused, by line, value and what was expected', async (_, spoil, message) => {
    const lines = (await exported(await served())).trimEnd().split('\n')
    spoil(lines)
    const store = memoryStore()
    const error = await errorOf(runtimeOf([], store).import([lines.join('\n')]))
    expect(error.code).toBe('bad_golden')
    expect(error.message).toContain(message)
  })

  it('has a body of another shape than its kind has, with a digest that fits: it is refused by place', async () => {
    const lines = (await exported(await served())).trimEnd().split('\n')
    const spoiled = (body: unknown): string[] =>
      lines.map((line, at) => {
        const text = JSON.stringify(body)
        return at === 3
          ? `${JSON.stringify({ ...(JSON.parse(line) as object), digest: digest(text), body: 0 }).slice(0, -2)}${text}}`
          : line
      })
    const { body } = JSON.parse(lines[3] ?? '') as { body: { asked: string; reply: object } }
    const say = async (body: unknown): Promise<string> =>
      (await errorOf(runtimeOf([]).import([spoiled(body).join('\n')]))).message
    expect(await say(7)).toContain(
      'Line 4 of the golden file cannot be taken: "body" is the number 7. No entry of the kind model.replied is like that.',
    )
    expect(await say({ ...body, asked: null })).toContain('"body".asked is null.')
    expect(await say({ ...body, reply: { ...body.reply, items: [{ kind: 'dream' }] } })).toContain(
      '"body".reply: items[0].kind is "dream".',
    )
    const deep = JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`) as unknown
    expect(await say({ ...body, deep })).toContain('"body" nests too deep.')
  })
})

function change(at: number, from: string, to: string): (lines: string[]) => void {
  return (lines) => {
    const index = at < 0 ? lines.length + at : at
    const line = lines[index] ?? ''
    if (!line.includes(from)) throw new Error(`${from} does not stand in ${line}`)
    lines[index] = line.replace(from, to)
  }
}
