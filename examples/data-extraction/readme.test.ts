// Walks through the README: each of its commands is run as it stands there, one after the other; those that need no
// process of their own in this one.
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fakeOpenAI } from '@reprise/fake-openai'
import { expect, it } from 'vitest'
import { commandsIn, partsOf, runCommand, withOptions } from '../../scripts/commands.fixture.ts'
import { demoHere } from '../demo-here.fixture.ts'
import { demo } from './demo.ts'
import { writtenPart } from './part/part.ts'
import { RESULTS, resultsIn } from './results.fixture.ts'
import { statusesIn, tableIn } from './table.fixture.ts'
import { STATEMENTS } from './statements.ts'
import { contents, tempFolder } from './temp-folder.fixture.ts'

/** A server that is down: whoever asked it would fail. */
const DOWN = 'http://127.0.0.1:9/v1'

/** What a command prints. */
type Check = (stdout: string) => void

const AS_READ = RESULTS.map(({ file, status }) => `${file} ${status}`)

it.skipIf(process.platform === 'win32')(
  'each command of the README does what it says, one after the other',
  { tags: 'slow' },
  async () => {
    const [home, out] = [tempFolder(), tempFolder()]
    mkdirSync(join(home, 'statements'))
    for (const name of ['aldgate-print.csv', 'ito-shoten.csv'])
      cpSync(join(STATEMENTS, name), join(home, 'statements', name))
    // A service as any other: its answers are the part's, and it knows nothing of the demo.
    await using service = await fakeOpenAI(writtenPart(0))
    let [first, before] = ['', contents(out)]

    const walk: readonly (readonly [command: string, check: Check, endsInShell?: number])[] = [
      [
        'npm run demo:extract',
        (stdout) => {
          first = stdout
          expect(stdout).toMatch(
            /^OPENAI_API_KEY is not set: no model reads, but a written part .* \(seed 21\), from a server on http:\/\/127\.0\.0\.1:\d+\/v1\.\n\n/,
          )
          expect(statusesIn(stdout)).toEqual(AS_READ)
          expect(stdout).toContain(`
harbour-supplies.csv waits for a person. The lines come to 1,284.50 GBP, and the total is 1,248.50 GBP.
  npm run demo:extract -- --review harbour-supplies.csv                                    shows it
  npm run demo:extract -- --review harbour-supplies.csv --accept                           takes it as it was read
  npm run demo:extract -- --review harbour-supplies.csv --correct '{"totalMinor":128450}'  mends what is wrong
`)
          expect(resultsIn(out)).toEqual(RESULTS)
          const csv = readFileSync(join(out, 'lines.csv'), 'utf8').split('\n')
          expect(csv.slice(0, 2)).toEqual([
            'file,vendor,date,description,amount_minor,currency',
            'aldgate-print.csv,Aldgate Print Ltd,2026-10-02,"Leaflets, A5, 5,000 copies",31000,GBP',
          ])
          expect(csv.filter((line) => line.startsWith('harbour'))).toEqual([])
        },
      ],
      [
        'npm run demo:extract -- --review harbour-supplies.csv',
        (stdout) => expect(stdout).toContain('\n  2026-10-22  Shackles                       74.00 GBP\n'),
      ],
      [
        `npm run demo:extract -- --review harbour-supplies.csv --correct '{"totalMinor":128450}'`,
        (stdout) => expect(statusesIn(stdout)).toContain('harbour-supplies.csv corrected'),
      ],
      [
        'npm run demo:extract -- --review kestrel-hosting.csv --accept',
        (stdout) => {
          expect(stdout).not.toContain('waits for a person')
          const [harbour, kestrel] = resultsIn(out).filter(({ status }) => status !== 'right')
          expect(harbour).toMatchObject({
            file: 'harbour-supplies.csv',
            status: 'corrected',
            statement: { totalMinor: 128_450 },
          })
          expect(kestrel).toMatchObject({ file: 'kestrel-hosting.csv', status: 'accepted', statement: null })
          expect(readFileSync(join(out, 'lines.csv'), 'utf8')).toContain(
            '\nharbour-supplies.csv,Harbour Supplies Ltd,2026-10-08,"Fenders, 4",31600,GBP\n',
          )
          before = contents(out)
        },
      ],
      [
        'npm run demo:extract -- --replay',
        (stdout) => {
          expect(stdout).toMatch(/^extraction +matched, (\d+) of \1 entries\n/)
          expect(stdout).toMatch(/\n(\d+) of \1 runs matched\. No model was asked, no tool was run\.\n$/)
          expect(contents(out)).toEqual(before)
        },
      ],
      [
        'npm run demo:extract -- --fresh --seed 5',
        (stdout) => {
          expect(stdout).toContain('(seed 5)')
          expect(statusesIn(stdout)).toEqual(AS_READ)
          // Other mistakes take other turns.
          expect(tableIn(stdout)).not.toEqual(tableIn(first))
          expect(resultsIn(out)).toEqual(RESULTS)
        },
      ],
      [
        'npm run demo:extract -- --help',
        (stdout) => expect(stdout).toMatch(/^npm run demo:extract -- \[OPTION\.\.\.\]/),
      ],
      ['timeout -s KILL 1.5 node examples/data-extraction/main.ts --fresh', () => undefined, 137],
      [
        'npm run demo:extract',
        (stdout) => {
          expect(statusesIn(stdout)).toEqual(AS_READ)
          expect(resultsIn(out)).toEqual(RESULTS)
        },
        0,
      ],
      [
        'OPENAI_API_KEY=sk-... npm run demo:extract -- --fresh',
        (stdout) => {
          expect(stdout).toMatch(/^gpt-4\.1-mini at http:\/\/127\.0\.0\.1:\d+\/v1 reads\.\n/)
          expect(statusesIn(stdout)).toEqual(AS_READ)
        },
      ],
      [
        'OPENAI_API_KEY=sk-... npm run demo:extract -- --folder ~/statements --out ~/extracted',
        (stdout) => {
          expect(statusesIn(stdout)).toEqual(['aldgate-print.csv right', 'ito-shoten.csv right'])
          expect(resultsIn(join(home, 'extracted')).map(({ file }) => file)).toEqual([
            'aldgate-print.csv',
            'ito-shoten.csv',
          ])
        },
      ],
    ]

    expect(commandsIn('examples/data-extraction/README.md')).toEqual(walk.map(([command]) => command))
    for (const [command, check, endsInShell] of walk) {
      const isOffline = / --(?:review|replay)/.test(command)
      const isServed = command.startsWith('OPENAI_API_KEY=')
      const env = isOffline || isServed ? { OPENAI_BASE_URL: isOffline ? DOWN : service.url } : {}
      const options = command.includes('--out') ? [] : ['--out', out]
      const parts = partsOf(command, home)
      const { code, stdout, stderr } =
        endsInShell === undefined && parts.program === 'npm run demo:extract'
          ? await demoHere(demo, [...parts.args, ...options], { ...parts.env, ...env })
          : await runCommand(withOptions(command, options.join(' ')))
      expect(code, `${command}\n${stderr}`).toBe(endsInShell ?? 0)
      check(stdout)
    }
  },
)
