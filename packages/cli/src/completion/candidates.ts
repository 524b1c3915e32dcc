import type { RunRow, RunStatus, Runtime } from '@reprise/core'
import type { Argument, Command, Option } from 'commander'

/** What a word may go on as. */
export interface Candidate {
  readonly value: string
  /** What it is, where a shell shows that. */
  readonly about: string
}

/** Lets a look be taken at the store that the line names, where one is needed. */
export type Look = (
  store: Named,
  look: (at: Pick<Runtime, 'definitions' | 'runs' | 'schedules' | 'approvals'>) => Promise<readonly Candidate[]>,
) => Promise<readonly Candidate[]>

/** What the line says of where the runs are. */
export interface Named {
  readonly store?: string
  readonly config?: string
}

/** How many runs are offered, and looked at for names and tags: the newest. */
const MOST = 1_000

/** Where a run that a command is for stands; any for other commands. */
const STATUSES: Readonly<Record<string, readonly RunStatus[]>> = {
  approve: ['waiting'],
  reject: ['waiting'],
  'settle-doubt': ['waiting'],
  send: ['waiting', 'running', 'queued'],
  resume: ['waiting', 'running', 'queued'],
  cancel: ['waiting', 'running', 'queued', 'quarantined'],
  unquarantine: ['quarantined'],
  erase: ['completed', 'failed', 'cancelled'],
}

/**
 * What the last word of a command line may go on as, as the commands themselves are described: commands, options, choices,
 * and what is in the store. None where a file is wanted.
 *
 * @param words after `reprise`; the last is the one that is being typed.
 */
export async function candidates(
  program: Command,
  words: readonly string[],
  look: Look,
): Promise<readonly Candidate[]> {
  const typed = words.at(-1) ?? ''
  const found = await fitting(program, words.slice(0, -1), typed, look)
  return found.filter(({ value }) => value.startsWith(typed))
}

async function fitting(
  program: Command,
  before: readonly string[],
  typed: string,
  look: Look,
): Promise<readonly Candidate[]> {
  const { command, given } = named(program, before)
  if (command === program) {
    const [name, ...more] = given
    if (name === 'help' && more.length === 0) return commandsOf(program)
    if (name !== undefined) return []
    return typed.startsWith('-') ? optionsOf(program, []) : commandsOf(program)
  }
  const line = read(command, given)
  const asked = { command, named: line.named, positional: line.positional, look }
  if (line.open) return valuesOfOption(asked, line.open)
  const [, flag = '', value] = /^(--[\w-]+)=(.*)$/s.exec(typed) ?? []
  const option = value === undefined ? undefined : optionOf(command, flag)
  if (option) return (await valuesOfOption(asked, option)).map((each) => ({ ...each, value: `${flag}=${each.value}` }))
  if (typed.startsWith('-') && !line.isLiteral) return optionsOf(command, given)
  const argument = command.registeredArguments[line.positional.length]
  const below = line.positional.length === 0 ? commandsOf(command).filter(({ value }) => value !== 'help') : []
  return [...below, ...(argument ? await valuesOfArgument(asked, argument) : [])]
}

/** The command that words begin with, which may stand below another, and what comes after it. */
function named(
  program: Command,
  words: readonly string[],
): { readonly command: Command; readonly given: readonly string[] } {
  const [first] = words
  const below = program.commands.find((each) => each.name() === first)
  return below ? named(below, words.slice(1)) : { command: program, given: words }
}

interface Asked {
  readonly command: Command
  readonly named: Named
  readonly positional: readonly string[]
  readonly look: Look
}

interface Line {
  readonly positional: readonly string[]
  readonly named: Named
  /** The option whose value comes next. */
  readonly open: Option | undefined
  /** Whether `--` was said: what follows is no option. */
  readonly isLiteral: boolean
}

function read(command: Command, given: readonly string[]): Line {
  const positional: string[] = []
  const named: { store?: string; config?: string } = {}
  let open: Option | undefined
  let isLiteral = false
  const note = (option: Option, value: string): void => {
    if (option.long === '--store') named.store = value
    if (option.long === '--config') named.config = value
  }
  for (const word of given) {
    if (open) {
      note(open, word)
      open = undefined
    } else if (!isLiteral && word === '--') isLiteral = true
    else if (isLiteral || !word.startsWith('-')) positional.push(word)
    else {
      const [, flag = word, value] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? []
      const option = optionOf(command, flag)
      if (option && value !== undefined) note(option, value)
      else if (option?.required) open = option
    }
  }
  return { positional, named, open, isLiteral }
}

function commandsOf(program: Command): readonly Candidate[] {
  const commands = program.createHelp().visibleCommands(program)
  return commands.map((command) => ({ value: command.name(), about: command.description() }))
}

/** Those that were not given yet. */
function optionsOf(command: Command, given: readonly string[]): readonly Candidate[] {
  const options = command.createHelp().visibleOptions(command)
  return options.flatMap(({ long, description }) =>
    long === undefined || long === null || given.includes(long) ? [] : { value: long, about: description },
  )
}

function optionOf(command: Command, flag: string): Option | undefined {
  return command.options.find(({ long, short }) => long === flag || short === flag)
}

async function valuesOfOption(asked: Asked, { argChoices, long, flags }: Option): Promise<readonly Candidate[]> {
  if (argChoices) return argChoices.map((value) => ({ value, about: '' }))
  if (/<run>|\[run\]/.test(flags)) return runsOf(asked)
  if (/<schedule>/.test(flags)) return schedulesOf(asked)
  if (long === '--name') return namesOf(asked)
  if (long === '--create') return definitionsOf(asked, (kind) => kind === 'workflow')
  if (long === '--tag') return distinct(asked, ({ tags }) => tags, 'tag')
  return []
}

async function valuesOfArgument(asked: Asked, argument: Argument): Promise<readonly Candidate[]> {
  if (argument.argChoices) return argument.argChoices.map((value) => ({ value, about: '' }))
  const [runId] = asked.positional
  if (/^runs?$/.test(argument.name())) return runsOf(asked)
  if (argument.name() === 'schedule') return schedulesOf(asked)
  if (argument.name() === 'definition') return definitionsOf(asked)
  if (argument.name() === 'id' && asked.command.name() === 'answer') return answersOf(asked)
  if (runId === undefined) return []
  if (argument.name() === 'id') return askedIn(asked, runId)
  if (argument.name() === 'signal') return signalsOf(asked, runId)
  return []
}

function runsOf({ command, named, look }: Asked): Promise<readonly Candidate[]> {
  const statuses = STATUSES[command.name()]
  return look(named, async ({ runs }) => {
    const rows = await runs.list({ order: 'newest', limit: MOST })
    const fitting = rows.filter(({ status }) => statuses === undefined || statuses.includes(status))
    return fitting.map(({ id, kind, name, status }) => ({ value: id, about: `${kind} ${name}, ${status}` }))
  })
}

function schedulesOf({ named, look }: Asked): Promise<readonly Candidate[]> {
  return look(named, async ({ schedules }) => {
    const all = await schedules.list({ limit: MOST })
    return all.map(({ name, cron, timeZone }) => ({ value: name, about: `${cron} ${timeZone}` }))
  })
}

function namesOf(asked: Asked): Promise<readonly Candidate[]> {
  return distinct(asked, ({ name }) => [name], 'definition')
}

/** Those of the config, and, where a store is named instead, those that have runs there. */
function definitionsOf(
  { named, look }: Asked,
  fits: (kind: RunRow['kind']) => boolean = () => true,
): Promise<readonly Candidate[]> {
  return look(named, async ({ definitions, runs }) => {
    const rows = definitions.length > 0 ? [] : await runs.list({ order: 'newest', limit: MOST })
    const all = [...definitions, ...rows].filter(({ kind }) => fits(kind))
    return [...new Map(all.map(({ kind, name }) => [name, { value: name, about: kind }])).values()]
  })
}

function distinct(
  { named, look }: Asked,
  of: (row: RunRow) => readonly string[],
  about: string,
): Promise<readonly Candidate[]> {
  return look(named, async ({ runs }) => {
    const rows = await runs.list({ order: 'newest', limit: MOST })
    return [...new Set(rows.flatMap(of))].map((value) => ({ value, about }))
  })
}

/** What somebody is asked about in a run. */
function askedIn({ named, look }: Asked, runId: string): Promise<readonly Candidate[]> {
  return look(named, async ({ runs }) =>
    (await runs.get(runId)).waits.flatMap((wait) =>
      wait.kind === 'approval' || wait.kind === 'in-doubt'
        ? { value: wait.id, about: `${wait.kind}: ${wait.tool}` }
        : [],
    ),
  )
}

/** What somebody is to answer, in all runs. */
function answersOf({ named, look }: Asked): Promise<readonly Candidate[]> {
  return look(named, async (runtime) => {
    const { asks } = await runtime.approvals({ kind: 'answer', limit: MOST })
    return asks.map(({ id, tool }) => ({ value: id, about: `answer: ${tool}` }))
  })
}

function signalsOf({ named, look }: Asked, runId: string): Promise<readonly Candidate[]> {
  return look(named, async ({ runs }) =>
    (await runs.get(await runs.newest(runId))).waits.flatMap((wait) =>
      wait.kind === 'signal' ? { value: wait.signal, about: 'signal' } : [],
    ),
  )
}
