import type { FakeModel, Reasons } from './model.ts'

/** A kind of models: what those of one generation have in common. */
type Class = Pick<FakeModel, 'context' | 'maxOutput' | 'reasons' | 'efforts' | 'cachesBatches' | 'writesCache' | 'chat'>

const K = 1000

function kind(context: number, maxOutput: number, more: Partial<Class> = {}): Class {
  const plain = { reasons: 'never', efforts: null, cachesBatches: false, writesCache: false, chat: 'all' } as const
  return { context, maxOutput, ...plain, ...more }
}

function reasoning(reasons: Reasons, efforts: string | null, more: Partial<Class> = {}): Partial<Class> {
  return { reasons, efforts: efforts?.split(' ') ?? null, ...more }
}

const gpt5 = { cachesBatches: true }
const responsesOnly = { chat: 'none' } as const
/** They take functions on Chat Completions only while they do not reason. */
const lateChat = { ...gpt5, chat: 'tools-unreasoned' } as const

const classes = {
  gpt35: kind(16_385, 4096),
  gpt4: kind(8192, 8192),
  turbo: kind(128 * K, 4096),
  gpt4o: kind(128 * K, 16_384),
  gpt41: kind(1_047_576, 32_768),
  o: kind(200 * K, 100 * K, reasoning('always', 'low medium high')),
  oPreview: kind(128 * K, 32_768, reasoning('always', null)),
  oPro: kind(200 * K, 100 * K, reasoning('always', 'low medium high', responsesOnly)),
  computerUse: kind(8192, 1024, responsesOnly),
  gpt5: kind(400 * K, 128 * K, reasoning('always', 'minimal low medium high', gpt5)),
  gpt5Pro: kind(400 * K, 272 * K, reasoning('always', 'high', { ...gpt5, ...responsesOnly })),
  gpt5Chat: kind(128 * K, 16_384, gpt5),
  gpt51Chat: kind(128 * K, 16_384, reasoning('always', 'medium', gpt5)),
  codex: kind(400 * K, 128 * K, reasoning('always', 'low medium high', { ...gpt5, ...responsesOnly })),
  // What efforts it takes is not known.
  codexMax: kind(400 * K, 128 * K, reasoning('always', null, { ...gpt5, ...responsesOnly })),
  gpt51: kind(400 * K, 128 * K, reasoning('if-told', 'none low medium high', gpt5)),
  gpt52: kind(400 * K, 128 * K, reasoning('if-told', 'none low medium high xhigh', gpt5)),
  gpt52Pro: kind(400 * K, 128 * K, reasoning('always', 'medium high xhigh', { ...gpt5, ...responsesOnly })),
  gpt54: kind(1_050_000, 128 * K, reasoning('if-told', 'none low medium high xhigh', lateChat)),
  gpt54Mini: kind(400 * K, 128 * K, reasoning('if-told', 'none low medium high xhigh', lateChat)),
  gpt55: kind(1_050_000, 128 * K, reasoning('unless-told', 'none low medium high xhigh', lateChat)),
  gpt55Pro: kind(1_050_000, 128 * K, reasoning('always', 'medium high xhigh', { ...gpt5, ...responsesOnly })),
  gpt56: kind(
    1_050_000,
    128 * K,
    reasoning('unless-told', 'none low medium high xhigh max', { ...lateChat, writesCache: true }),
  ),
  // Its window is said by what goes in, and what efforts it takes is not known.
  gpt6: kind(922 * K, 128 * K, reasoning('unless-told', null, { ...lateChat, writesCache: true })),
}

/** A name without a date, its kind, and the dates of its snapshots: the name alone stands for the first. */
type Row = readonly [family: string, of: keyof typeof classes, dates: string, own?: Partial<FakeModel>]

/** Where a figure is not known, and be it for one of a kind, the kind's stands for it: those below "not known". */
const rows: readonly Row[] = [
  ['gpt-4.1', 'gpt41', '2025-04-14', { shutdownDate: '2027-01-14' }],
  ['gpt-4.1-mini', 'gpt41', '2025-04-14', { shutdownDate: '2027-01-14' }],
  ['gpt-4.1-nano', 'gpt41', '2025-04-14', { shutdownDate: '2026-10-23' }],
  ['gpt-4o', 'gpt4o', '2024-08-06 2024-11-20 2024-05-13'],
  ['gpt-4o-mini', 'gpt4o', '2024-07-18'],
  ['gpt-6-luna', 'gpt6', ''],
  ['gpt-6-sol', 'gpt6', ''],
  ['gpt-5.6-sol', 'gpt56', ''],
  ['gpt-5.6-terra', 'gpt56', ''],
  ['gpt-5.6-luna', 'gpt56', ''],
  ['gpt-5.5', 'gpt55', '2026-04-23'],
  ['gpt-5.4', 'gpt54', ''],
  ['gpt-5.4-mini', 'gpt54Mini', '2026-03-17'],
  ['gpt-5.4-nano', 'gpt54Mini', '2026-03-17'],
  ['gpt-5.2', 'gpt52', '2025-12-11'],
  ['gpt-5.2-pro', 'gpt52Pro', '2025-12-11'],
  ['gpt-5.2-chat-latest', 'gpt51Chat', ''],
  ['gpt-5.1', 'gpt51', '2025-11-13'],
  ['gpt-5.1-codex', 'codex', ''],
  ['gpt-5.1-codex-max', 'codexMax', ''],
  ['gpt-5.1-chat-latest', 'gpt51Chat', ''],
  ['gpt-5', 'gpt5', '2025-08-07'],
  ['gpt-5-mini', 'gpt5', '2025-08-07', { shutdownDate: '2026-12-11' }],
  ['gpt-5-nano', 'gpt5', '2025-08-07'],
  ['gpt-5-chat-latest', 'gpt5Chat', ''],
  ['gpt-5-codex', 'codex', ''],
  ['gpt-5-pro', 'gpt5Pro', '2025-10-06'],
  ['o4-mini', 'o', '2025-04-16', { shutdownDate: '2026-10-23' }],
  ['o3', 'o', '2025-04-16', { shutdownDate: '2026-12-11' }],
  ['o3-mini', 'o', '2025-01-31'],
  ['o1', 'o', '2024-12-17'],
  ['o1-pro', 'oPro', '2025-03-19'],
  ['o3-pro', 'oPro', '2025-06-10'],
  ['o3-deep-research', 'oPro', '2025-06-26', { efforts: ['medium'] }],
  ['o4-mini-deep-research', 'oPro', '2025-06-26', { efforts: ['medium'] }],
  ['o1-preview', 'oPreview', '2024-09-12'],
  ['o1-mini', 'oPreview', '2024-09-12', { maxOutput: 65_536 }],
  ['codex-mini-latest', 'oPro', ''],
  ['computer-use-preview', 'computerUse', '2025-03-11'],
  ['gpt-4o-audio-preview', 'gpt4o', '2025-06-03 2024-12-17 2024-10-01'],
  ['gpt-4o-mini-audio-preview', 'gpt4o', '2024-12-17'],
  ['gpt-4o-search-preview', 'gpt4o', '2025-03-11'],
  ['gpt-4o-mini-search-preview', 'gpt4o', '2025-03-11'],
  ['chatgpt-4o-latest', 'gpt4o', ''],
  ['gpt-4-turbo', 'turbo', '2024-04-09'],
  ['gpt-4-turbo-preview', 'turbo', ''],
  ['gpt-4-0125-preview', 'turbo', ''],
  ['gpt-4-1106-preview', 'turbo', ''],
  ['gpt-4-vision-preview', 'turbo', ''],
  ['gpt-4', 'gpt4', '0613 0314'],
  ['gpt-4-32k', 'gpt4', '0613 0314', { context: 32_768, maxOutput: 32_768 }],
  ['gpt-3.5-turbo', 'gpt35', '0125 1106'],
  ['gpt-3.5-turbo-0613', 'gpt35', '', { context: 4096 }],
  ['gpt-3.5-turbo-0301', 'gpt35', '', { context: 4096 }],
  ['gpt-3.5-turbo-16k', 'gpt35', '0613'],
  // Not known: they are described by name alone.
  ['gpt-5.3-chat-latest', 'gpt51Chat', ''],
  ['gpt-5.1-mini', 'gpt51', ''],
  ['gpt-5.5-pro', 'gpt55Pro', '2026-04-23'],
  ['gpt-5.6-cyber', 'gpt56', '', responsesOnly],
  ['gpt-daybreak-blue-latest', 'gpt56', '', responsesOnly],
  ['gpt-daybreak-red-latest', 'gpt56', '', responsesOnly],
]

/** The older snapshot wrote less. */
const OWN: Readonly<Partial<Record<string, Partial<FakeModel>>>> = { 'gpt-4o-2024-05-13': { maxOutput: 4096 } }

/** The models of the fake, as the platform had them in November 2026, by their names with and without dates. */
export const fakeModels: ReadonlyMap<string, FakeModel> = new Map(
  rows.flatMap(([family, of, dates, own]) => {
    const snapshots = dates === '' ? [family] : dates.split(' ').map((date) => `${family}-${date}`)
    const model = { family, shutdownDate: null, ...classes[of], ...own }
    return [family, ...snapshots].map((id) => {
      const snapshot = snapshots.find((name) => name === id) ?? snapshots[0] ?? family
      return [id, { ...model, ...OWN[snapshot], id, snapshot }] as const
    })
  }),
)

/** A model that is not the platform's: nobody's request is too long for it by chance. */
export const anyModel: Class = kind(K * K, K * K)
