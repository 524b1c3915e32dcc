#!/usr/bin/env node
// Starts the fake OpenAI server for tests of any language: npx @reprise/fake-openai --script replies.json
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { messageOf } from '@reprise/core'
import { readScript } from './expectations/read-script.ts'
import { fakeOpenAI } from './fake-openai.ts'
import { readFaults } from './faults/read-faults.ts'

const USAGE = `usage: npx @reprise/fake-openai [--port N] [--script FILE] [--seed N] [--faults PLAN]
  --port    the port on 127.0.0.1 (default: one that is free)
  --script  a module that exports one function, or expectations as .json (default: the user's words come back)
  --seed    what ids follow from (default: 0)
  --faults  seed=7,rate=0.2 for a share of requests by chance, or 2=cut_stream,5=slow_down (default: none)`

try {
  await main()
} catch (error) {
  console.error(messageOf(error))
  process.exitCode = 1
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      script: { type: 'string' },
      seed: { type: 'string' },
      faults: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return console.log(USAGE)
  await using fake = await fakeOpenAI(await readScript(values.script), {
    port: numberOf('--port', values.port, 65_535),
    seed: numberOf('--seed', values.seed, Number.MAX_SAFE_INTEGER),
    ...(values.faults !== undefined && { faults: readFaults(values.faults) }),
  })
  console.log(fake.url)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
}

function numberOf(name: string, text = '0', max: number): number {
  if (/^\d+$/.test(text) && Number(text) <= max) return Number(text)
  throw new Error(`${name} is "${text}". It must be a whole number from 0 to ${max}.`)
}
