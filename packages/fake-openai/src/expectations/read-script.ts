import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { messageOf } from '@reprise/core'
import type { FakeScript } from '../script/script.ts'
import { complain } from './check.ts'
import type { Expectation } from './expectation.ts'
import { expectations } from './expectations.ts'

/**
 * Reads a script from a file: expectations as JSON, or a module that exports one function. Where there is no file, the
 * user's words come back.
 *
 * @throws DefinitionError in one line.
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs'
 * import { fakeOpenAI, readScript } from '@reprise/fake-openai'
 *
 * writeFileSync('replies.json', '[{ "reply": { "text": "Hello." } }]')
 * await using fake = await fakeOpenAI(await readScript('replies.json'))
 * ```
 */
export async function readScript(file: string | undefined): Promise<FakeScript> {
  if (file === undefined) return echo
  if (file.endsWith('.json')) return expectations((await readJson(file)) as readonly Expectation[], file)
  const functions = Object.entries(await load(file)).filter(([, value]) => typeof value === 'function')
  const [[, script] = []] = functions
  if (functions.length === 1) return script as FakeScript
  const found = functions.map(([name]) => name).join(', ') || 'none'
  throw complain(`${file} must export one function, (ask) => reply; it exports ${found}.`)
}

const echo: FakeScript = ({ body }) => {
  const last = body.input.at(-1)
  const content = last && 'content' in last ? last.content : undefined
  return { text: typeof content === 'string' ? content : 'Hello from the fake.' }
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw complain(`Cannot read ${file}: ${messageOf(error)}`)
  })
  try {
    return JSON.parse(text)
  } catch (error) {
    throw complain(`${file} is not JSON: ${messageOf(error)}`)
  }
}

async function load(file: string): Promise<object> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as object
  } catch (error) {
    throw complain(`Cannot load ${file}: ${messageOf(error)}`)
  }
}
