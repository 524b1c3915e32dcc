import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { recordServed } from '../desk.fixture.ts'
import { printed, reprise, tempFolder, writeConfig } from '../reprise.fixture.ts'

let cwd: string
let store: string

beforeEach(async () => {
  cwd = tempFolder()
  store = join(cwd, 'runs.db')
  await recordServed(store, 'a', 'b')
})

describe('reprise replay', () => {
  it('matches under the code that recorded a run', async () => {
    writeConfig(cwd)
    expect(await printed(['replay', 'a'], { cwd })).toBe('a  matched, 8 entries\n')
    expect(JSON.parse(await printed(['replay', 'a', '--json'], { cwd }))).toEqual({
      runId: 'a',
      status: 'matched',
      matched: 8,
      entries: 8,
      divergence: null,
      differences: [],
    })
  })

  it('exits with 1 at a divergence, and tells the first and what texts have changed', async () => {
    writeConfig(cwd, '[desk.laterClerk]')
    expect(await reprise(['replay', 'a'], { cwd })).toEqual({
      code: 1,
      stderr: '',
      stdout: `a  diverged at entry 4 of 8
  recorded  call.judged pay at agent:0/turn:1/call:0 with {"id":"a"} (allowed)
  today     call.failed pay at agent:0/turn:1/call:0 (unknown_tool)

Changed: the instructions of clerk. A text makes no divergence.
    Serve the customer.
  - Be brief.
  + Be kind.

Changed: the tools of clerk. A text makes no divergence.
          "additionalProperties": false
        }
  -   },
  -   {
  -     "name": "pay",
  -     "description": "Pays an order back.",
  -     "parameters": {
  -       "type": "object",
  -       "properties": {
  -         "id": {
  -           "type": "string"
  -         }
  -       },
  -       "required": [
  -         "id"
  -       ],
  -       "additionalProperties": false
  -     }
      }
    ]
`,
    })
    expect((await reprise(['replay', 'a', '--json'], { cwd })).code).toBe(1)
  })

  it('asks for one run or for all', async () => {
    writeConfig(cwd)
    const wrong = {
      code: 2,
      stdout: '',
      stderr: 'reprise: name one run, or say --all. See: reprise replay --help\n',
    }
    expect(await reprise(['replay'], { cwd })).toEqual(wrong)
    expect(await reprise(['replay', 'a', '--all'], { cwd })).toEqual(wrong)
    expect(await reprise(['replay', 'a', '--in-flight'], { cwd })).toMatchObject({
      code: 2,
      stderr: 'reprise: --in-flight goes with --all. See: reprise replay --help\n',
    })
  })
})
