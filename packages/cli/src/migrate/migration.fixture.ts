// A report made by hand, with all that a page has to show: three verdicts, open runs, and words that want to be markup.
import { type Interval, interval } from '@reprise/core'
import type { KnownModel } from '../models/known-model.ts'
import { canary } from './canary.ts'
import type { Example } from './examples.ts'
import type { AgentMigration, Migration } from './migration.ts'
import { judge } from './verdict.ts'

export const HOSTILE = '<script>alert(1)</script>"\'& \u001B[31m\u202E'

const NOW = Date.UTC(2026, 10, 30, 12)
const rule = { sameAtLeast: 0.9, confidence: 0.95, comparedAtLeast: 0.8 }

const from: KnownModel = {
  model: 'gpt-4.1-mini',
  contextTokens: 1_047_576,
  inputTokens: null,
  outputTokens: 32_768,
  price: { inputUsd: 0.4, cachedUsd: 0.1, outputUsd: 1.6 },
  retires: '2027-01-14',
  daysLeft: 45,
  replacement: 'gpt-6-luna',
  source: 'a list',
  asOf: '2026-11-30',
}
const to: KnownModel = {
  ...from,
  model: 'gpt-6-luna',
  contextTokens: null,
  inputTokens: 922_000,
  outputTokens: null,
  price: { inputUsd: 0.1, cachedUsd: 0.01, outputUsd: 0.5 },
  retires: null,
  daysLeft: null,
  replacement: null,
}

const around = (estimate: number, by: number, n = 120): Interval => ({
  estimate,
  low: estimate - by,
  high: Math.min(1e9, estimate + by),
  n,
  level: 0.95,
  method: 'bootstrap',
})

interface Sketch {
  readonly agent: string
  readonly same: number
  readonly changed?: number
  readonly parted?: number
  readonly worse?: number
  readonly examples?: readonly Example[]
}

function agentOf({ agent, same, changed = 0, parted = 0, worse = 0, examples = [] }: Sketch): AgentMigration {
  const of = same + changed + parted
  return {
    agent,
    verdict: judge({ of, same, different: changed + parted, worse, better: 0 }, rule),
    runs: { of, same, changed, parted, failed: 0 },
    coverage: { turns: of * 5 - parted * 3, of: of * 5 },
    share: interval(Array.from({ length: of }, (_, at) => (at < same ? 1 : 0))) ?? null,
    reordered: changed > 0 ? 1 : 0,
    changes:
      changed > 0
        ? [
            { kind: 'arguments', runs: changed },
            { kind: 'parted', runs: parted },
          ]
        : [],
    wrong: [
      {
        what: 'Calls refused by a rule',
        recorded: 2,
        candidate: 2 + worse,
        up: worse,
        down: 0,
        p: worse > 5 ? 0.016 : 1,
      },
      {
        what: 'Answers sent back',
        recorded: 4,
        candidate: 3,
        up: 0,
        down: 1,
        p: 1,
      },
    ],
    figures: [
      { what: 'Cost', unit: 'usd', runs: of, recorded: 1_230_000, candidate: 310_000, ratio: around(0.252, 0.03) },
      { what: 'Latency of a reply', unit: 'ms', runs: of, recorded: 1_450, candidate: 980, ratio: around(0.68, 0.12) },
      { what: 'Turns', unit: 'number', runs: of, recorded: 5.2, candidate: 5.4, ratio: around(1.04, 0.08) },
      { what: 'Tokens written', unit: 'tokens', runs: of, recorded: 412, candidate: 690, ratio: around(1.67, 0.3) },
    ],
    latency: {
      recorded: { replies: of * 5, p50: 1_310, p95: 4_200 },
      candidate: { replies: of * 5 - 4, p50: 840, p95: 2_750 },
    },
    month: {
      perThousand: { recorded: 1_230_000_000, candidate: 310_000_000 },
      recorded: 11_400_000_000,
      candidate: { estimate: 2_870_000_000, low: 2_500_000_000, high: 3_210_000_000 },
      basis: '9,260 runs in the last 30 days, of which 12.4 have records: scaled up to 30.',
    },
    canary: canary(0.94, 308),
    examples,
  }
}

const examples: readonly Example[] = [
  {
    runId: 'ticket-4711',
    definition: 'team desk 1',
    status: 'parted',
    weight: 100,
    changes: [
      {
        what: 'It makes a call of refund that was not made then.',
        weight: 100,
        recorded: null,
        candidate: 'refund {\n  "orderId": "W4711",\n  "amountCents": 12900\n}',
        times: 1,
      },
      {
        what: 'It calls cancel_order with other arguments.',
        weight: 85,
        recorded: 'cancel_order\norderId: "W4711"\nreason: "no longer needed"',
        candidate: `cancel_order\norderId: "W4711"\nreason: "${HOSTILE}"`,
        times: 1,
      },
    ],
  },
  {
    runId: HOSTILE,
    definition: 'agent returns 1',
    status: 'changed',
    weight: 70,
    changes: [
      {
        what: 'It gives another answer.',
        weight: 70,
        recorded: 'resolution: "solved"',
        candidate: 'resolution: "escalated"',
        times: 1,
      },
      {
        what: 'It makes the 3 calls that are in both in another order.',
        weight: 10,
        recorded: null,
        candidate: null,
        times: 1,
      },
    ],
  },
]

const definition = { kind: 'team', name: 'desk', version: 1 } as const

/** A report of three agents, one for each verdict. */
export const migration: Migration = {
  from,
  to,
  madeAt: NOW,
  rule,
  recordings: {
    since: Date.UTC(2026, 9, 31),
    found: 240,
    tried: 200,
    left: [{ why: 'other models answered in them too', runs: 40 }],
  },
  agents: [
    agentOf({ agent: 'returns', same: 92, changed: 20, parted: 14, worse: 7, examples }),
    agentOf({ agent: 'orders', same: 24, changed: 1, examples: examples.slice(1) }),
    agentOf({ agent: 'triage', same: 118 }),
  ],
  definitions: ['triage', 'orders', 'returns'].map((agent) => ({
    definition,
    agent,
    model: 'gpt-4.1-mini',
    onChange: 'pin',
  })),
  open: ['ticket-1', 'ticket-2', HOSTILE, 'ticket-4'].map((id) => ({
    id,
    status: 'waiting',
    definition,
    agent: 'returns',
    onChange: 'pin',
    createdAt: Date.UTC(2026, 10, 12),
  })),
  asked: { asks: 996, reused: 12, costNano: 412_000_000, unpriced: 0 },
}
