export { fakeOpenAI } from './fake-openai.ts'
export type { FakeOpenAI, FakeOptions } from './options.ts'
export type { FakeRequest } from './http/request-log.ts'
export type {
  FakeAnswer,
  FakeAsk,
  FakeCall,
  FakeError,
  FakeFailure,
  FakeLane,
  FakeReply,
  FakeScript,
} from './script/script.ts'
export { expectations } from './expectations/expectations.ts'
export type { Expectation, ExpectedAsk } from './expectations/expectation.ts'
export { readScript } from './expectations/read-script.ts'
export type { InputItem, ResponsesBody } from './script/body.ts'
export type { FakeLimits } from './limits/rate-limits.ts'
export type { FakePrice } from './billing/prices.ts'
export type { Invoice, InvoiceLine } from './billing/ledger.ts'
export { type FaultKind, faultKinds } from './script/fault-kinds.ts'
export { readFaults } from './faults/read-faults.ts'
export type { FaultPlan, PlannedFault, SeededFaults } from './faults/plan.ts'
