// oxlint-disable-next-line import/no-unassigned-import -- it comes first, and has nothing to give.
import './values/old-node.ts'

export type { Clock, Logger, Random } from './contracts/clock.ts'
export type {
  DefinitionRef,
  Draft,
  Effects,
  Entry,
  EntryBodies,
  EntryKind,
  EntryOf,
  EntryPlace,
  FactKeys,
  FailureKind,
  AgentEdit,
  AskedSummary,
  AgentSnapshot,
  RecordedEdit,
  RecordedError,
  ResultBound,
  Waiting,
} from './contracts/entry.ts'
export type { CompactionEstimate, HistoryEdit } from './contracts/history.ts'
export type { AttemptDiscarded, RunEvent, RunEventKind, TextDelta } from './contracts/event.ts'
export type { CodeInterpreter, FileSearch, HostedTool, RemoteMcp, WebSearch } from './contracts/hosted.ts'
export type {
  AssistantItem,
  CallItem,
  Citation,
  FilePart,
  HostedItem,
  ImagePart,
  InputPart,
  Item,
  Media,
  ReasoningItem,
  RefusalItem,
  ReplyItem,
  ResultItem,
  TextPart,
  UserInput,
  UserItem,
} from './contracts/item.ts'
export type {
  FactFilter,
  FactOrigin,
  FactQuery,
  FactScope,
  FactsErased,
  FactsOf,
  FactStore,
  NewFact,
  StoredFact,
} from './contracts/fact.ts'
export { askedWords, factLineage, factWords, rankFacts } from './journal/facts.ts'
export type { Fact } from './runtime/memory/fact.ts'
export type {
  ErasedFacts,
  EraseFactsOptions,
  FactListOptions,
  FactsWhose,
  Memories,
  PutFactOptions,
} from './runtime/memory/memories.ts'
export type { Quote } from './runtime/memory/quotes.ts'
export { memory, type AnyMemory, type Memory, type MemoryOptions } from './define/memory.ts'
export type { RateLimit, RateLimits } from './contracts/limits.ts'
export type {
  AgentCard,
  Finish,
  MemoryCard,
  Model,
  ModelEvent,
  ModelFigures,
  ModelReply,
  ModelRequest,
  ModelSettings,
  OutputCard,
  ToolCard,
} from './contracts/model.ts'
export type { Owners } from './contracts/owners.ts'
export type { QueueRow } from './contracts/queue.ts'
export {
  type Compact,
  compactBy,
  type CompactFunction,
  type CompactOptions,
  summarize,
  type SummaryOptions,
  type TrimOptions,
  trimResults,
} from './define/compact.ts'
export type { EndedStatus, RunFilter, RunRow, RunStatus } from './contracts/run.ts'
export type { DueFilter, ScheduleChange, ScheduleFilter, StoredSchedule } from './contracts/schedule.ts'
export { addUsed, NO_TOTALS } from './journal/totals.ts'
export type { Spent, Usage } from './values/spent.ts'
export type { EraseSubjectOptions, OutOfReach, SubjectErased } from './runtime/subject/erase-subject.ts'
export type { ExportSubjectOptions, SubjectPart } from './runtime/subject/export-subject.ts'
export type { Subject } from './runtime/subject/subject.ts'
export type { Ask, AskFilter, Asks } from './runtime/read/asks.ts'
export type { PruneAuditOptions } from './runtime/read/audit.ts'
export type { Totals, Used } from './contracts/totals.ts'
export {
  AUDITED,
  type AuditAction,
  type AuditEntry,
  type AuditFilter,
  type AuditNote,
  type Author,
  type By,
} from './contracts/audit.ts'
export type { InferInput, InferOutput, JsonSchema, Schema } from './contracts/schema.ts'
export type { EarlyResult, InboxMessage } from './contracts/message.ts'
export type { LineageSecrets, Secret } from './contracts/secret.ts'
export { type Erasure, type ErasureWord, KEPT_CONTINUATIONS, type Hint, type Store } from './contracts/store.ts'
export {
  type OwnerHeartbeat,
  type SeenRun,
  type TakeFilter,
  type OverdueFilter,
  type Taker,
  SUSPECT_FROM,
} from './contracts/take.ts'
export { TX, type Within } from './contracts/within.ts'
export type { Beginning, NewRun, RowChange, RunWrite, StoredEntry, WriteResult } from './contracts/write.ts'
export { type Agent, type AgentOptions, type AnyAgent, defineAgent, type OnChange } from './define/agent.ts'
export type { Budget } from './define/budget.ts'
export type { AnyDefinition } from './define/plan.ts'
export { defineSignal, type Signal } from './define/signal.ts'
export type { AnyWorkflow } from './define/any-workflow.ts'
export { defineWorkflow, type Workflow, type WorkflowOptions } from './define/workflow.ts'
export type {
  Branch,
  ChildOptions,
  Keyed,
  Settled,
  StepContext,
  StepOptions,
  WorkflowContext,
} from './define/workflow-context.ts'
export type { RetryOptions } from './define/retry.ts'
export { type Prompt, prompt, type PromptOptions, type PromptPart, type PromptSection } from './define/prompt/prompt.ts'
export type { Reminder } from './define/prompt/reminders.ts'
export { agentTool, type AgentToolOptions } from './define/agent-tool.ts'
export type { Facts, PastCall, ToolInput, ToolOutput } from './define/facts.ts'
export {
  after,
  afterAny,
  alone,
  atLeast,
  atMost,
  before,
  confirmed,
  exclusiveWith,
  type Rule,
  sequence,
} from './define/rules.ts'
export { argumentFrom, when } from './define/rules-over-facts.ts'
export {
  type HandedOver,
  handoff,
  type Handoff,
  type HandoffHistory,
  type HandoffOptions,
  type HandoffSummary,
} from './define/handoff.ts'
export { workflowTool } from './define/workflow-tool.ts'
export { askConfirmation, type AskConfirmationOptions, type Confirmation } from './define/ask-confirmation.ts'
export type { ExternalToolOptions } from './define/external-tool.ts'
export { type Returned, type WithParts, withParts } from './define/with-parts.ts'
export { type AnyTeam, defineTeam, type Team, type TeamOptions } from './define/team.ts'
export {
  type AnyTool,
  type CallContext,
  defineTool,
  type Effect,
  type FailedCall,
  type OnError,
  type Reconciled,
  type Tool,
} from './define/tool.ts'
export { type AskedRequest, type RecordedRequest, requestAt, requestsOf } from './agent/state/request-at.ts'
export type { Before } from './agent/state/state.ts'
export type { TextDifference } from './agent/walk/text-differences.ts'
export { diffEntries, type StepPair } from './journal/diff/diff-entries.ts'
export type { JsonChange } from './journal/diff/json-changes.ts'
export type { RunStep, RunStepKind } from './journal/diff/run-step.ts'
export type { Divergence } from './journal/divergence.ts'
export type { Resolution } from './agent/state/doubt.ts'
export type { CallChange, CallComparison } from './agent/compare/compare-calls.ts'
export type { BacktestOutcome, EndComparison } from './agent/compare/compare-ends.ts'
export type { BacktestFigures } from './agent/compare/figures.ts'
export type { FieldChange } from './agent/compare/places.ts'
export type { BacktestFilter, BacktestOptions, BacktestPair, Judge } from './runtime/backtest/options.ts'
export type {
  BacktestCandidate,
  BacktestEstimate,
  BacktestFigure,
  BacktestPartial,
  BacktestProblem,
  BacktestReport,
  BacktestRun,
  BacktestSide,
  BacktestStatus,
  BacktestSummary,
  Chance,
  ChangeKind,
  Latency,
  PairedFigure,
  Parted,
  PartedWhy,
  VerdictSummary,
} from './runtime/backtest/report.ts'
export type { JudgeVerdict } from './runtime/backtest/verdict.ts'
export type { BacktestResults, SavedAnswer } from './runtime/backtest/results.ts'
export type { Unrecorded, UnrecordedCall } from './engine/shadow/outside.ts'
export { createRuntime } from './runtime/create-runtime.ts'
export type { RuntimeOptions } from './runtime/options.ts'
export type { Exported, ExportOptions } from './runtime/golden/export.ts'
export type { ExportFilter } from './runtime/golden/family.ts'
export { goldenText } from './runtime/golden/golden-text.ts'
export type { Imported } from './runtime/golden/import.ts'
export type { GoldenText } from './runtime/golden/read.ts'
export { type RecordedStart, RunRecorder } from './runtime/golden/run-recorder.ts'
export type { Outcome, Rest } from './runtime/read/outcome.ts'
export type { RunDiff } from './runtime/read/diff.ts'
export type { Replay } from './runtime/read/replay.ts'
export type { EntryEdit, ForkEdit } from './engine/session/edit.ts'
export type { CauseKind, LikelyCause } from './runtime/replay/cause.ts'
export type { ReplayFilter, ReplayOptions, Replays } from './runtime/replay/replays.ts'
export type { ReplayedRun, ReplayProblem, RunReplay, UnreplayedRun } from './runtime/replay/run-replay.ts'
export type { CauseGroup, DifferenceGroup, ReplaySummary } from './runtime/replay/summary.ts'
export type { ForkOptions } from './runtime/start/forks.ts'
export type { RewindOptions } from './runtime/mail/rewind.ts'
export type { HistoryItem } from './runtime/conversations/history.ts'
export type { SayOptions, Session } from './runtime/conversations/session.ts'
export type { RunHandle } from './runtime/handle/run-handle.ts'
export type { Health } from './runtime/health/health.ts'
export { metricsText } from './runtime/health/metrics-text.ts'
export type {
  DefinitionQueue,
  QueueCounts,
  QueueOptions,
  QueueStats,
  WaitingKind,
} from './runtime/health/queue-stats.ts'
export type { QueueingOptions } from './runtime/start/queueing.ts'
export type { Runs } from './runtime/read/runs.ts'
export type { StuckOptions, StuckRun } from './runtime/read/stuck.ts'
export type { Runtime } from './runtime/runtime.ts'
export type { CatchUp, Overlap, Schedule, SkippedFiring } from './runtime/schedules/schedule.ts'
export type { Schedules } from './runtime/schedules/schedules.ts'
export type { ModelTable } from './runtime/setup/models.ts'
export { systemClock } from './runtime/setup/system-clock.ts'
export type { RetentionOptions } from './runtime/workers/retention.ts'
export type { SeenOwner } from './runtime/drive/lease.ts'
export type { Worker, WorkerHealth, WorkOptions } from './runtime/workers/worker.ts'
export type {
  ContextOfDefinition,
  EnqueueOptions,
  SendOptions,
  InputOfDefinition,
  OutputOfDefinition,
  ScheduleOptions,
  SessionOptions,
  ServicesOf,
  StartOptions,
} from './runtime/types.ts'
export { type Digest, digest, digestNext } from './values/digest.ts'
export { parseDuration } from './values/duration.ts'
export {
  CancelledError,
  DefinitionError,
  DivergenceError,
  messageOf,
  ModelError,
  OutcomeError,
  RepriseError,
  StepError,
  StoreError,
  TimedOutError,
  ToolError,
} from './values/errors.ts'
export type { Json, Jsonify, JsonObject } from './values/json.ts'
export { formatUsd, NANO_PER_USD, type NanoUsd } from './values/money.ts'
export { printable } from './values/printable.ts'
export { sortedJson } from './values/sorted-json.ts'
export type { Interval, IntervalOptions } from './values/stats/bca.ts'
export { bootstrap, interval, pairedInterval } from './values/stats/interval.ts'
export { seeded } from './values/stats/seeded.ts'
export { mcnemar, type SignTest, signTest } from './values/stats/sign-test.ts'
export { PROGRESS } from './journal/entry-kinds.ts'
