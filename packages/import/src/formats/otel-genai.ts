// Spans of OpenTelemetry that hold an exchange with a model, by any of the conventions that instrumentations follow.
import type { Usage } from '@reprise/core'
import { type Fields, numberOf, saidAsText, textOf } from '../read/json.ts'
import type { FileRecord } from '../read/records.ts'
import type { Report } from '../read/report.ts'
import type { AskedWith, Exchange, SaidReply } from '../say/exchange.ts'
import { finishSaid } from '../say/usage.ts'
import { isGarbled } from './garbled.ts'
import { ofEvents } from './genai-events.ts'
import { ofMessages } from './genai-messages.ts'
import { ofPrompts } from './genai-prompts.ts'
import type { OfSpan } from './of-span.ts'
import { ofOpenInference } from './openinference.ts'
import { openOtlp, type OtlpEvent, type OtlpSpan } from './otlp.ts'

/** The ways in which instrumentations write down a conversation, the newest first: each gives undefined where it finds nothing. */
const WAYS: readonly ((span: OtlpSpan, events: readonly OtlpEvent[]) => OfSpan | undefined)[] = [
  ofMessages,
  ofOpenInference,
  ofEvents,
  ofPrompts,
]

/** Reads exports of traces, and of logs, where some have the messages. */
export function otelGenai(records: readonly FileRecord[], report: Report): readonly Exchange[] {
  const { spans, events } = openOtlp(records, report)
  const eventsOf = Map.groupBy(events, ({ spanId }) => spanId)
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const failed = spans.flatMap(({ attributes, failed }) =>
    failed ? (textOf(attributes['gen_ai.tool.call.id']) ?? []) : [],
  )
  return spans.flatMap((span): readonly Exchange[] => {
    const { attributes, where, traceId, startedAt, endedAt } = span
    if (!isModelCall(attributes)) {
      report.pass(kindOf(attributes))
      return []
    }
    const said = readSpan(span, [...span.events, ...(eventsOf.get(span.spanId) ?? [])])
    if (!said) {
      report.leaveOut(where, OFF)
      return []
    }
    const agent = agentOf(span, byId)
    const asked = { ...askedOf(attributes), ...said.asked, ...(agent !== undefined && { agent }) }
    const reply = said.reply && replyOf(said.reply, attributes)
    const group = textOf(attributes['gen_ai.conversation.id']) ?? textOf(attributes['session.id']) ?? traceId
    return [
      { where, group, id: traceId, startedAt, endedAt, asked, request: said.request, reply, failed, notes: said.notes },
    ]
  })
}

const OFF =
  'It has no messages: its instrumentation was told not to capture them. Set OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true (of newer ones SPAN_ONLY, with OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental), TRACELOOP_TRACE_CONTENT=true, or OPENINFERENCE_HIDE_INPUTS=false and OPENINFERENCE_HIDE_OUTPUTS=false; where messages come as events, export the logs into the same file.'

function readSpan(span: OtlpSpan, events: readonly OtlpEvent[]): OfSpan | undefined {
  for (const way of WAYS) {
    const said = way(span, events)
    if (said && said.request.length > 0) return said
  }
  return undefined
}

const CALLS: readonly unknown[] = ['chat', 'text_completion', 'generate_content', 'responses', 'completion']

function isModelCall(attributes: Fields): boolean {
  const { 'gen_ai.operation.name': operation, 'openinference.span.kind': kind, 'llm.request.type': type } = attributes
  if (operation !== undefined) return CALLS.includes(operation)
  return (
    kind === 'LLM' || CALLS.includes(type) || (kind === undefined && attributes['gen_ai.request.model'] !== undefined)
  )
}

function kindOf(attributes: Fields): string {
  const kind =
    attributes['gen_ai.operation.name'] ?? attributes['openinference.span.kind'] ?? attributes['traceloop.span.kind']
  return kind === undefined ? 'other span' : `${saidAsText(kind).toLowerCase()} span`
}

function agentOf(span: OtlpSpan, byId: ReadonlyMap<string, OtlpSpan>): string | undefined {
  const seen = new Set<string>()
  for (let at: OtlpSpan | undefined = span; at && !seen.has(at.spanId); at = byId.get(at.parentId ?? '')) {
    seen.add(at.spanId)
    const name = textOf(at.attributes['gen_ai.agent.name'])
    if (name !== undefined) return name
  }
  return undefined
}

function askedOf(attributes: Fields): AskedWith {
  const temperature = numberOf(attributes['gen_ai.request.temperature'])
  const topP = numberOf(attributes['gen_ai.request.top_p'])
  return {
    model: textOf(attributes['gen_ai.request.model'] ?? attributes['llm.model_name']) ?? '',
    instructions: '',
    settings: { ...(temperature !== undefined && { temperature }), ...(topP !== undefined && { topP }) },
    maxOutputTokens: numberOf(attributes['gen_ai.request.max_tokens']) ?? 4_096,
    tools: [],
    output: null,
  }
}

function replyOf(reply: NonNullable<OfSpan['reply']>, attributes: Fields): SaidReply {
  const reasons = attributes['gen_ai.response.finish_reasons']
  const [first] = Array.isArray(reasons) ? (reasons as readonly unknown[]) : [reasons]
  const usage = usageOf(attributes)
  const model = textOf(attributes['gen_ai.response.model'])
  const responseId = textOf(attributes['gen_ai.response.id'])
  return {
    ...finishSaid(first ?? attributes['llm.finish_reason']),
    ...(usage && { usage }),
    ...(model !== undefined && { model }),
    ...(responseId !== undefined && { responseId }),
    ...reply,
    ...(isGarbled(reply.items) && { garbled: true }),
  }
}

function usageOf(attributes: Fields): Usage | undefined {
  const count = (...names: readonly string[]): number | undefined =>
    names.map((name) => numberOf(attributes[name])).find((value) => value !== undefined)
  const input = count('gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens', 'llm.token_count.prompt')
  const output = count('gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens', 'llm.token_count.completion')
  if (input === undefined || output === undefined) return undefined
  const cached = count(
    'gen_ai.usage.cache_read.input_tokens',
    'gen_ai.usage.cache_read_input_tokens',
    'llm.token_count.prompt_details.cache_read',
  )
  const reasoning = count(
    'gen_ai.usage.reasoning.output_tokens',
    'gen_ai.usage.reasoning_tokens',
    'llm.token_count.completion_details.reasoning',
  )
  return { inputTokens: input, cachedTokens: cached ?? 0, outputTokens: output, reasoningTokens: reasoning ?? 0 }
}
