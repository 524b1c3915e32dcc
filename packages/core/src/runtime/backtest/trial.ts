import type { Before } from '../../agent/state/state.ts'
import { walk } from '../../agent/walk/walk.ts'
import type { Entry } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import { type AnyDefinition, type Plan, planOf } from '../../define/plan.ts'
import type { Candidate } from '../../engine/shadow/candidate.ts'
import { type Recording, recordingOf } from '../../engine/shadow/recording.ts'
import type { Engine } from '../../engine/engine.ts'
import { decodeEntry } from '../../journal/entry-codec.ts'
import { redactIn } from '../../journal/redact.ts'
import { Secrets } from '../../journal/secrets.ts'
import { DefinitionError, RepriseError } from '../../values/errors.ts'
import type { Definitions } from '../setup/definitions.ts'
import type { BacktestOptions } from './options.ts'
import type { BacktestCandidate, BacktestProblem } from './report.ts'

/** What trying something on a stored run takes. */
export interface TrialParts {
  readonly engine: Pick<Engine, 'store' | 'chains'>
  readonly definitions: Definitions
}

/** A stored run, ready to be gone through again. */
export interface Prepared {
  readonly recording: Recording
  readonly plan: Plan
  readonly secrets: Secrets
}

/** What is tried on stored runs. */
export class Trial {
  readonly candidate: Candidate
  readonly #parts: TrialParts
  readonly #definitions: BacktestOptions['definitions']

  constructor(parts: TrialParts, { model, settings, definitions }: BacktestOptions) {
    this.#parts = parts
    this.#definitions = definitions
    this.candidate = { texts: definitions === undefined ? 'recorded' : 'definitions', model, settings }
  }

  /** As the report names it. */
  get said(): BacktestCandidate {
    const { texts, model = null, settings } = this.candidate
    const given = Object.entries(settings ?? {}).filter(([, value]) => value !== undefined)
    return { model, settings: settings ? Object.fromEntries(given) : null, texts }
  }

  /** Reads a run, or says why it cannot be tried on. */
  async prepare(row: RunRow): Promise<Prepared | BacktestProblem> {
    try {
      const { entries, secrets } = await this.#read(row)
      const before = await this.#parts.engine.chains.joinedBy(entries)
      const recording = recordingOf(entries, before)
      if (!recording) return { code: 'no_entries', message: `The run "${row.id}" has no beginning that can be read.` }
      return { recording, secrets, plan: this.#planFor(row, entries, before) }
    } catch (error) {
      if (!RepriseError.is(error)) throw error
      return { code: error.code, message: error.message }
    }
  }

  /** With secrets of its own: what is learned of a candidate's must not be written with a run that is driven here. */
  async #read({ id, lineageId }: RunRow): Promise<{ readonly entries: readonly Entry[]; readonly secrets: Secrets }> {
    const { store } = this.#parts.engine
    const load = store.secrets?.bind(store)
    const secrets = new Secrets(load && ((from) => load(lineageId, from)))
    const entries = (await store.entries(id)).map(decodeEntry)
    await secrets.load()
    return { entries: secrets.any ? entries.map((entry) => redactIn(entry, secrets.redact)) : entries, secrets }
  }

  #planFor(row: RunRow, entries: readonly Entry[], before: Before | undefined): Plan {
    const [first, ...others] = this.#known(row).flatMap((definition) =>
      definition.kind === 'workflow' ? [] : planOf(definition),
    )
    if (!first) throw unregistered(row)
    if (others.length === 0) return first
    // As a resume takes the first version that goes the recorded way.
    return [first, ...others].find((plan) => !walk(entries, plan, 'as recorded', before?.state).divergence) ?? first
  }

  #known(row: RunRow): readonly AnyDefinition[] {
    if (this.#definitions === undefined) return this.#parts.definitions.of(row)
    if (this.#definitions === 'today') return [this.#parts.definitions.newest(row)]
    const fitting = this.#definitions.filter(({ kind, name }) => kind === row.kind && name === row.name)
    return fitting.toSorted((one, other) => other.version - one.version).slice(0, 1)
  }
}

function unregistered({ kind, name }: RunRow): DefinitionError {
  return new DefinitionError({
    code: 'unregistered',
    message: `The ${kind} "${name}" is not one of the definitions that the backtest was given.`,
  })
}
