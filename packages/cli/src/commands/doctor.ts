import { resolve } from 'node:path'
import { DefinitionError } from '@reprise/core'
import { examine } from '@reprise/store'
import type { Command } from 'commander'
import { encryptionOf, storeOption } from '../config/with-store.ts'
import { type Finding, findingsOf } from '../doctor/findings.ts'
import { command } from '../line/command.ts'
import { exitWith } from '../line/exit-code.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { columns } from '../show/columns.ts'
import { bad, dim, good } from '../show/style.ts'
import { oneLine } from '../show/text.ts'

interface Options extends JsonOption {
  readonly store?: string
}

/** `reprise doctor`: looks whether all is well with a store, while others use it. */
export function doctorCommand(io: Io): Command {
  return command(io, 'doctor', 'look whether all is well with a store, while it is in use')
    .addOption(jsonOption())
    .addOption(storeOption())
    .action(async (options: Options) => {
      const store = options.store ?? io.env['REPRISE_STORE']
      if (store === undefined) {
        const message = 'Which store? Give --store FILE, or REPRISE_STORE.'
        throw new DefinitionError({ code: 'no_store', message })
      }
      const found = await examine(resolve(io.cwd(), store), encryptionOf(io))
      const findings = findingsOf(found)
      const healthy = findings.every(({ ok }) => ok)
      if (options.json) printJson(io, { healthy, findings, found })
      else print(io, findings)
      if (!healthy) exitWith(io, 'failed')
    })
}

function print(io: Io, findings: readonly Finding[]): void {
  for (const line of columns(findings.map(row))) say(io, line)
  const wrong = findings.filter(({ ok }) => !ok)
  if (wrong.length === 0) return say(io, 'Nothing is wrong.')
  say(io, '\nWhat to do:')
  for (const { check, remedy } of wrong) say(io, `  ${check}: ${oneLine(remedy ?? '')}`)
}

function row({ check, ok, found }: Finding): readonly string[] {
  return [ok ? good('ok') : bad('wrong'), dim(check), oneLine(found)]
}
