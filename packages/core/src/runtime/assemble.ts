import type { Store } from '../contracts/store.ts'
import { checkCount } from '../define/names.ts'
import type { AnyDefinition } from '../define/plan.ts'
import { Chains } from '../engine/chains.ts'
import { Committer } from '../engine/commit/committer.ts'
import type { Engine } from '../engine/engine.ts'
import { Few } from '../engine/few.ts'
import { CLOSE_GRACE_MS } from '../engine/grace.ts'
import { processOwners } from '../engine/lease/owner.ts'
import { TurnLimiter } from '../engine/turn-limiter.ts'
import { MOST_DEEP } from '../journal/not-begun.ts'
import { SecretsCache } from '../journal/secrets-cache.ts'
import { messageOf } from '../values/errors.ts'
import { Driver } from './drive/driver.ts'
import { EventHub } from './handle/event-hub.ts'
import { Messenger } from './mail/messenger.ts'
import type { RuntimeOptions } from './options.ts'
import { askFrom } from './read/asks.ts'
import { logDivergence } from './read/replay-stored.ts'
import { Runs } from './read/runs.ts'
import { checkGrace } from './setup/checks.ts'
import { Definitions } from './setup/definitions.ts'
import { holdStore } from './setup/hold-store.ts'
import { modelFor } from './setup/models.ts'
import { safeLog } from './setup/safe-log.ts'
import { patientStore } from './setup/patient-store.ts'
import { quietLog, systemClock } from './setup/system-clock.ts'
import { wholeClock } from './setup/whole-clock.ts'
import { Forks } from './start/forks.ts'
import { Starter } from './start/starter.ts'
import { Retention, retentionAges } from './workers/retention.ts'

/** From how many beats a runtime chooses its first. */
const BEATS = 2 ** 47

/** What a runtime is made of. */
export interface Parts {
  readonly engine: Engine
  readonly definitions: Definitions
  readonly driver: Driver
  readonly starter: Starter
  readonly forks: Forks
  readonly messenger: Messenger
  readonly runs: Runs
  readonly retention: Retention
  /** Whose runs alone are seen here, and the whole store; undefined where everybody's are. */
  readonly only?: { readonly tenant: string; readonly of: Store }
  /** Ends what is under way, and lets go of the store. Never throws. */
  readonly close: () => Promise<void>
}

/** Makes what a runtime is made of out of its options. */
export function assemble(options: RuntimeOptions<readonly AnyDefinition[]>): Parts {
  const { store, checkDeterminism = false } = options
  const definitions = new Definitions(options.definitions, store)
  const log = safeLog(options.log ?? quietLog)
  const hub = new EventHub(log)
  const driving = new Set<string>()
  const engine: Engine = {
    ...outside(options, driving),
    log,
    fence: (runId, ownedAt) => driver.lease.fence(runId, ownedAt),
    emit: (event) => hub.emit(event),
    tellAsk: options.onApproval && (async (row, wait) => options.onApproval?.(await askFrom(engine, row, wait))),
    // The engine drives runs that have children, and children are runs: they meet here.
    children: {
      expect: (runId) => starter.expect(runId),
      forgo: (runId) => starter.forgo(runId),
      run: (child) => starter.run(child),
      goOn: (rewound, worked) => starter.goOn(rewound, worked),
      cancel: (runId, reason) => starter.cancel(runId, reason),
      continueAs: (next) => starter.continueAs(next),
    },
  }
  const retention = new Retention(engine, retentionAges(options.retention))
  const runs = new Runs(engine, (row) => definitions.has(row))
  const driver = new Driver({
    engine,
    hub,
    driving,
    definitionsOf: (row) => definitions.of(row),
    ...(checkDeterminism && { afterEnd: (runId: string) => logDivergence({ engine, runs, definitions }, runId) }),
  })
  const starter = new Starter(engine, driver, (definition) => definitions.check(definition))
  const forks = new Forks(engine, driver, definitions)
  const messenger = new Messenger(engine, driver, starter, runs, definitions)
  // Last: whoever was refused holds nothing.
  const letGo = holdStore(store, engine.owner)
  const close = async (): Promise<void> => {
    await driver.close()
    await retention.close()
    try {
      await letGo()
    } catch (error) {
      log.error(`The store did not close: ${messageOf(error)}`)
    }
  }
  return { engine, definitions, driver, starter, forks, messenger, runs, retention, close }
}

/** The part of the engine that is the world outside: the store, the model, time, chance and other processes. */
function outside(
  options: RuntimeOptions<readonly AnyDefinition[]>,
  driving: ReadonlySet<string>,
): Omit<Engine, 'children' | 'emit' | 'fence' | 'log' | 'tellAsk'> {
  const {
    random = Math.random,
    owners = processOwners,
    closeGraceMs = CLOSE_GRACE_MS,
    maxDepth = MOST_DEEP,
    services,
    onError,
    recordStacks = false,
  } = options
  checkGrace(closeGraceMs)
  checkCount('createRuntime', 'maxDepth', maxDepth)
  const clock = wholeClock(options.clock ?? systemClock)
  const store = patientStore(options.store, clock)
  const secrets = new SecretsCache(store)
  let beat = Math.floor(random() * BEATS) || 0
  return {
    store,
    committer: new Committer(store, clock),
    chains: new Chains(store),
    turns: new TurnLimiter(clock),
    few: new Few(),
    model: modelFor(options.models, options.definitions),
    clock,
    random,
    services,
    owners,
    owner: owners.name(driving),
    closeGraceMs,
    maxDepth,
    recordStacks,
    onError,
    nextHeartbeat: () => ++beat,
    secretsOf: (lineageId) => secrets.of(lineageId),
  }
}
