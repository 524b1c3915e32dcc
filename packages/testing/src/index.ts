export { fakeOpenAI } from './fake-openai/fake-openai.ts'
export type { FakeOpenAI, FakeOptions, FakeRequest } from './fake-openai/options.ts'
export type {
  FakeAnswer,
  FakeAsk,
  FakeError,
  FakeFailure,
  FakeLane,
  FakeReply,
  FakeScript,
} from './fake-openai/script.ts'
export { expectations } from './fake-openai/expectations/expectations.ts'
export type { Expectation, ExpectedAsk } from './fake-openai/expectations/expectation.ts'
export { readScript } from './fake-openai/expectations/read-script.ts'
export type { InputItem, ResponsesBody } from './fake-openai/responses/body.ts'
export type { FakeLimits } from './fake-openai/limits/rate-limits.ts'
export type { FakePrice } from './fake-openai/billing/prices.ts'
export type { Invoice, InvoiceLine } from './fake-openai/billing/ledger.ts'
export { type FaultKind, faultKinds } from './fake-openai/faults/kinds.ts'
export { readFaults } from './fake-openai/faults/read-faults.ts'
export type { FaultPlan, PlannedFault, SeededFaults } from './fake-openai/faults/plan.ts'
export { manualClock } from './manual-clock.ts'
export type { ManualClock } from './manual-clock.ts'
export { scriptedModel } from './scripted-model.ts'
export type { ModelScript, ScriptedAnswer, ScriptedModel } from './scripted-model.ts'
export type { ScriptedCall, ScriptedReply } from './scripted-reply.ts'
export { memoryStore } from './memory-store.ts'
export type { MemoryStore, MemoryTables } from './memory-store.ts'
export { Crash, crashing } from './crash.ts'
export type { CrashingStore, CrashPoint } from './crash.ts'
