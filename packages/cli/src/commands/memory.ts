import type { Fact, FactsWhose } from '@reprise/core'
import { Argument, type Command, Option } from 'commander'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { byHand } from '../line/by.ts'
import { command, examples, wholeNumber } from '../line/command.ts'
import { EXIT } from '../line/exit-code.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson, readJson } from '../line/json.ts'
import { factTable } from '../show/fact-table.ts'
import { harmless } from '../show/text.ts'
import { count } from '../show/used.ts'

interface WhoseOptions extends FactsWhose, JsonOption {
  readonly by?: string
}

interface ListOptions extends WhoseOptions, StoreOption {
  readonly before?: number
  readonly limit: number
}

/** `reprise memory`: what is known of a person or a tenant across runs. */
export function memoryCommand(io: Io): Command {
  return command(io, 'memory', 'list, set or erase what is known of a person or a tenant across runs')
    .addCommand(listCommand(io))
    .addCommand(setCommand(io))
    .addCommand(eraseCommand(io))
    .addHelpText(
      'after',
      examples(
        'reprise memory list --user ann',
        `reprise memory set '{"key": "shoe-size", "value": "44"}' --user ann --by bob`,
        'reprise memory erase shoe-size --user ann --by bob',
      ),
    )
}

/** With the options that say whose facts are meant. */
function ofSomebody(made: Command): Command {
  return made
    .option('--user <name>', 'what is known of this person')
    .option('--tenant <name>', 'in this tenant; without --user what is known of the tenant itself')
}

function listCommand(io: Io): Command {
  const made = ofSomebody(command(io, 'list', 'list what is known, the newest first'))
    .option('--memory <name>', 'of this memory alone')
    .addOption(new Option('--before <id>', 'the page after the one that ends with this fact').argParser(wholeNumber(1)))
    .addOption(new Option('--limit <count>', 'facts on a page').argParser(wholeNumber(1, 1_000)).default(100))
    .option('--by <name>', 'who is given them: it is kept in the audit')
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      examples('reprise memory list --user ann', 'reprise memory list --tenant acme --user ann --json'),
    )
  return made.action(async (options: ListOptions) => {
    const { before, limit, by, json } = options
    refuseNobody(made, options)
    await withStore(io, options, async ({ memory }) => {
      const more = { ...(before !== undefined && { before }), limit, reader: byHand(by) }
      const facts = await memory.list({ ...whoseOf(options), ...more })
      const last = facts.length === limit ? (facts.at(-1)?.id ?? null) : null
      if (json) return printJson(io, { facts, next: last })
      say(io, facts.length > 0 ? factTable(facts).join('\n') : 'Nothing is known.')
      if (last !== null) say(io, `There may be more: the same with --before ${last}`)
    })
  })
}

interface SetOptions extends WhoseOptions, ConfigOption {
  readonly by: string
}

function setCommand(io: Io): Command {
  const made = ofSomebody(command(io, 'set', 'keep a fact, or correct it: later runs are told it'))
    .addArgument(new Argument('<fact>', "JSON, as the memory's schema takes it: it names its key").argParser(readJson))
    .option('--memory <name>', 'the memory, if it has a name')
    .requiredOption('--by <name>', 'who says so: it is kept with the fact, and in the audit')
    .addOption(jsonOption())
    .addOption(configOption())
    .addHelpText('after', examples(`reprise memory set '{"key": "shoe-size", "value": "44"}' --user ann --by bob`))
  return made.action(async (value: Fact['value'], options: SetOptions) => {
    refuseNobody(made, options)
    await withConfig(io, options, async ({ runtime }) => {
      const fact = await runtime.memory.put({ ...whoseOf(options), value, by: byHand(options.by) })
      if (options.json) printJson(io, fact)
      else say(io, `${harmless(fact.key)} is kept.`)
    })
  })
}

interface EraseOptions extends WhoseOptions, StoreOption {
  readonly by: string
}

function eraseCommand(io: Io): Command {
  const made = ofSomebody(command(io, 'erase', 'erase a fact, or all that is known: nothing brings it back'))
    .addArgument(new Argument('[key]', 'of the fact, if not all'))
    .option('--memory <name>', 'of this memory alone')
    .requiredOption('--by <name>', 'who wants it: it is kept in the audit')
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText('after', examples('reprise memory erase shoe-size --user ann --by bob'))
  return made.action(async (key: string | undefined, options: EraseOptions) => {
    refuseNobody(made, options)
    await withStore(io, options, async ({ memory }) => {
      const which = { ...whoseOf(options), ...(key !== undefined && { key }) }
      const erased = await memory.erase({ ...which, by: byHand(options.by) })
      if (options.json) return printJson(io, erased)
      const { facts, quotedBy, pending } = harmless(erased)
      say(io, facts > 0 ? `${count(facts, 'fact')} erased.` : 'Nothing is erased.')
      if (pending) say(io, PENDING)
      if (quotedBy.length > 0)
        say(
          io,
          `Still quoted in the journals of: ${quotedBy.map(({ runId }) => runId).join(', ')}. Erase them: reprise erase RUN`,
        )
    })
  })
}

const PENDING =
  'Another program reads the store: its text is gone from the files when that ends and the store is opened again.'

function whoseOf({ tenant, user, memory }: FactsWhose): FactsWhose {
  return {
    ...(tenant !== undefined && { tenant }),
    ...(user !== undefined && { user }),
    ...(memory !== undefined && { memory }),
  }
}

function refuseNobody(made: Command, { tenant, user }: FactsWhose): void {
  if (tenant === undefined && user === undefined)
    made.error('error: name a person or a tenant by --user and --tenant', { exitCode: EXIT.usage })
}
