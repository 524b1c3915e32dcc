import { once } from 'node:events'
import { resolve } from 'node:path'
import { messageOf } from '@reprise/core'
import { type Command, Option } from 'commander'
import { command, wholeNumber } from '../line/command.ts'
import { EXIT } from '../line/exit-code.ts'
import { interruption } from '../line/interrupt.ts'
import type { Io } from '../line/io.ts'

interface Options {
  readonly port: number
  readonly seed: number
  readonly script?: string
  readonly faults?: string
}

/** `reprise fake`: a server in OpenAI's place, for tests of any language. */
export function fakeCommand(io: Io): Command {
  const fake = command(io, 'fake', "serve OpenAI's API from a script, for tests, until ^C")
  return fake
    .addOption(
      new Option('--port <port>', 'the port on 127.0.0.1; 0 is one that is free')
        .argParser(wholeNumber(0, 65_535))
        .default(0),
    )
    .option(
      '--script <file>',
      "expectations as .json, or a module that exports one function; else the user's words come back",
    )
    .addOption(new Option('--seed <number>', 'what ids follow from').argParser(wholeNumber(0)).default(0))
    .option('--faults <plan>', 'what goes wrong: seed=7,rate=0.2 by chance, or 2=cut_stream,5=slow_down by request')
    .addHelpText(
      'after',
      `
Prints the address that a client takes as its base URL. It serves Responses, Chat Completions, Models, Files and
Batches, counts tokens, and keeps an invoice at /fake/invoice; POST /fake/advance {"ms": 60000} moves its time on.

Example:
  $ reprise fake --port 8080 --script replies.json
  $ OPENAI_BASE_URL=http://127.0.0.1:8080/v1 OPENAI_API_KEY=any npm test`,
    )
    .action(async ({ port, seed, script, faults }: Options) => {
      // Its tables of tokens take a while to load.
      const { fakeOpenAI, readFaults, readScript } = await import('@reprise/fake-openai')
      const plan = faults === undefined ? [] : orComplain(fake, () => readFaults(faults))
      const replies = await readScript(script === undefined ? undefined : resolve(io.cwd(), script))
      const interrupted = interruption(io)
      await using server = await fakeOpenAI(replies, { port, seed, faults: plan })
      io.stdout.write(`${server.url}\n`)
      await once(interrupted, 'abort')
    })
}

function orComplain<T>(fake: Command, read: () => T): T {
  try {
    return read()
  } catch (error) {
    return fake.error(`error: ${messageOf(error)}`, { exitCode: EXIT.usage })
  }
}
