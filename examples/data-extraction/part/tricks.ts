// What a model of this size gets wrong, as the part plays it. None of it may change what is written in the end.
import type { JsonObject } from '@reprise/core'
import type { FakeReply } from '@reprise/fake-openai'
import type { Reading, Statement } from '../extraction/statement.ts'
import { pick } from './dice.ts'
import { readingCall, type Scene } from './scene.ts'

interface Call {
  readonly name: string
  readonly arguments: JsonObject
}

/** Ways to call wrongly. `roll` decides between variants. */
const CALLS: readonly [CallTrick, ...CallTrick[]] = [
  ({ name, arguments: args }) => calls({ name, arguments: JSON.stringify(args).slice(0, -1) }),
  ({ name, arguments: args }) => calls({ name, arguments: JSON.stringify(Object.values(args)) }),
  ({ name, arguments: args }) => calls({ name, arguments: { ...args, path: 7 } }),
  ({ name, arguments: args }, { file }, roll) =>
    calls({ name, arguments: { ...args, path: pick(inventedPaths(file), roll) } }),
  ({ name, arguments: args }, { file }, roll) =>
    calls({ name, arguments: { ...args, path: pick(inventedPaths(file), roll) } }),
  (call, _, roll) => calls({ ...call, name: pick(['open_file', 'parse_csv', 'extract_table'], roll) }),
  (call) => calls(call, call),
  () => calls({ name: 'list_files', arguments: { folder: null } }),
  ({ arguments: { path = '' } }) =>
    calls({ name: 'read_csv', arguments: { path, columns: ['Amount due'], offset: 0, limit: 0, header: true } }),
  () => ({ text: 'Sure! Let me look into this file for you.', deltas: 3 }),
]

type CallTrick = (call: Call, scene: Scene, roll: number) => FakeReply

/** Gives a wrong reply where the file is to be read. */
export function spoilCall(scene: Scene, which: number, how: number): FakeReply {
  return pick(CALLS, which)(readingCall(scene), scene, how)
}

/** Gives an answer that is no good: its shape tells. */
export function spoilAnswer(answer: string, roll: number): FakeReply {
  const broken = [
    answer.slice(0, -20),
    `\`\`\`json\n${answer}\n\`\`\``,
    answer.replace('"statement"', '"result"'),
    answer.replace(/"amountMinor":(-?\d+)/, '"amountMinor":"$1"'),
    answer.replace(/"date":"(\d+)-(\d+)-(\d+)"/, '"date":"$3/$2/$1"'),
    answer.replace(/"amountMinor":(-?\d+)/, '"amountMinor":$1.5'),
    'I have read the file, and everything is in order.',
  ] as const
  return { text: pick(broken, roll), deltas: 4 }
}

/** Misreads a file in a way whose shape tells nothing: only the sums, or a second look, do. */
export function misread(reading: Reading, roll: number): Reading {
  const { statement } = reading
  if (!statement) return reading
  const { lines, totalMinor } = statement
  const [first, ...rest] = lines
  if (!first) return reading
  const but = (change: Partial<Statement>): Reading => ({ ...reading, statement: { ...statement, ...change } })
  const wrong: readonly [Reading, ...Reading[]] = [
    but({ lines: rest }),
    but({ lines: [{ ...first, amountMinor: first.amountMinor * 100 }, ...rest] }),
    but({ lines: [{ ...first, amountMinor: -first.amountMinor }, ...rest] }),
    but({ lines: [...lines, { ...first, description: 'Total', amountMinor: totalMinor }] }),
    but({ lines: [{ ...first, date: '2025-10-02' }, ...rest] }),
    but({ totalMinor: totalMinor + 9_000 }),
    { ...reading, file: 'statement.csv' },
    { ...reading, statement: null, problem: 'The file cannot be read.' },
  ]
  return pick(wrong, roll)
}

function inventedPaths(file: string): readonly [string, ...string[]] {
  return [`statements/2026/${file}`, `../${file}`, '/etc/passwd', file.replace(/\.\w+$/, '.pdf'), `./x/../../${file}`]
}

function calls(...made: readonly { readonly name: string; readonly arguments: JsonObject | string }[]): FakeReply {
  return { calls: made }
}
