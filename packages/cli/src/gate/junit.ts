// JUnit's XML as GitHub's reporters, GitLab and Jenkins read it: a suite a definition, a case a run. What shuts the gate is a
// failure, or an error where nobody can say what the run would do; what passes it is told in words.
import { printable, type RunReplay } from '@reprise/core'
import { type Finding, findingOf, shutsGate } from './verdict.ts'

/** Gathers what a file of JUnit's says of many runs, which only counts at its end. */
export class JunitFile {
  readonly #strict: boolean
  readonly #suites = new Map<string, Suite>()

  constructor(strict: boolean) {
    this.#strict = strict
  }

  add(replay: RunReplay): void {
    const { kind, name } = replay.definition
    const suite = this.#suites.get(`${kind} ${name}`) ?? new Suite(`${kind} ${name}`)
    this.#suites.set(`${kind} ${name}`, suite)
    const finding = findingOf(replay)
    suite.add(replay, finding, shutsGate(finding.verdict, this.#strict))
  }

  get text(): string {
    const suites = [...this.#suites.values()]
    const sum = countsOf(suites.map(({ counts }) => counts))
    return [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<testsuites name="reprise replay" ${attributes({ ...sum })}>`,
      ...suites.map(({ text }) => text),
      '</testsuites>',
      '',
    ].join('\n')
  }
}

interface Counts {
  readonly tests: number
  readonly failures: number
  readonly errors: number
  readonly skipped: number
}

class Suite {
  readonly #name: string
  readonly #cases: string[] = []
  readonly #counts = { tests: 0, failures: 0, errors: 0, skipped: 0 }

  constructor(name: string) {
    this.#name = name
  }

  get counts(): Counts {
    return this.#counts
  }

  get text(): string {
    const opening = `  <testsuite name="${escape(this.#name)}" ${attributes({ ...this.#counts })}>`
    return [opening, ...this.#cases, '  </testsuite>'].join('\n')
  }

  add({ runId }: RunReplay, finding: Finding, shuts: boolean): void {
    this.#counts.tests++
    const told = this.#tell(finding, shuts)
    const opening = `    <testcase classname="${escape(this.#name)}" name="${escape(runId)}" time="0"`
    this.#cases.push(told === '' ? `${opening}/>` : `${opening}>${told}</testcase>`)
  }

  #tell({ verdict, problem }: Finding, shuts: boolean): string {
    if (verdict === 'well') return ''
    const said = problem ? `likely: ${problem.cause.said}` : 'texts are others than those that were recorded'
    const body = problem ? `${said}\n${problem.message}` : said
    if (!shuts && verdict === 'gone') {
      this.#counts.skipped++
      return `<skipped message="${escape(said)}"/>`
    }
    if (!shuts) return `<system-out>${escape(body)}</system-out>`
    const element = verdict === 'unreadable' ? 'error' : 'failure'
    this.#counts[verdict === 'unreadable' ? 'errors' : 'failures']++
    const type = problem?.cause.kind ?? 'text-changed'
    return `<${element} type="${type}" message="${escape(said)}">${escape(body)}</${element}>`
  }
}

/** Of all suites; a plugin of Jenkins refuses a file whose root says how many were skipped. */
function countsOf(all: readonly Counts[]): Omit<Counts, 'skipped'> {
  const sum = (key: keyof Counts): number => all.reduce((total, counts) => total + counts[key], 0)
  return { tests: sum('tests'), failures: sum('failures'), errors: sum('errors') }
}

function attributes(counts: Readonly<Record<string, number>>): string {
  return Object.entries({ ...counts, time: 0 })
    .map(([name, number]) => `${name}="${number}"`)
    .join(' ')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
}

/** Most of what a terminal obeys, XML cannot say at all. */
function escape(text: string): string {
  const sayable = printable(text)
    .toWellFormed()
    .replaceAll(/[\uFFFE\uFFFF\r]/g, `\uFFFD`)
  return sayable.replaceAll(/[<>&"\n\t]/g, (sign) => ENTITIES[sign] ?? sign)
}
