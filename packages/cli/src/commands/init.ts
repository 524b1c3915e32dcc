import { resolve } from 'node:path'
import type { Command } from 'commander'
import { makeProject, type Pattern } from '../init/make-project.ts'
import { command, examples } from '../line/command.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'

/** `reprise init`: makes a working project. */
export function initCommand(io: Io, pattern: Pattern): Command {
  return command(io, 'init', 'make a project in an empty folder: an agent, a tool, their test and a config')
    .argument('[folder]', 'made where it is not there', '.')
    .addOption(jsonOption())
    .addHelpText('after', examples('reprise init my-agents'))
    .action((folder: string, { json }: JsonOption) => {
      const path = resolve(io.cwd(), folder)
      const files = makeProject(path, pattern)
      if (json) return printJson(io, { folder: path, files })
      say(io, [`Made in ${path}:`, ...files.map((file) => `  ${file}`), NEXT].join('\n'))
    })
}

const NEXT = `
Then, there:
  npm install
  npm test                          the agent works an order, by a script in the place of a model
  OPENAI_API_KEY=\u2026 npm start        a real model does
  npx reprise runs                  what happened`
