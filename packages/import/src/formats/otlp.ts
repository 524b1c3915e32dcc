// OTLP in JSON: spans and log records out of their envelopes, with attributes as plain JSON.
import { type Fields, fieldsOf, isFields, listOf, textOf } from '../read/json.ts'
import type { FileRecord } from '../read/records.ts'
import type { Report } from '../read/report.ts'

/** A span, or an event that belongs to one. */
export interface OtlpSpan {
  readonly where: string
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string | undefined
  readonly name: string
  readonly attributes: Fields
  readonly events: readonly OtlpEvent[]
  readonly failed: boolean
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
}

export interface OtlpEvent {
  readonly name: string
  readonly spanId: string
  readonly attributes: Fields
  readonly body: unknown
}

/** All that a file has of spans and of events. */
export interface Otlp {
  readonly spans: readonly OtlpSpan[]
  readonly events: readonly OtlpEvent[]
}

/** Opens export requests for traces and for logs, one a line, or several in a list. */
export function openOtlp(records: readonly FileRecord[], report: Report): Otlp {
  const spans: OtlpSpan[] = []
  const events: OtlpEvent[] = []
  for (const { where, fields } of records) {
    const { resourceSpans, resourceLogs } = fields
    if (!Array.isArray(resourceSpans) && !Array.isArray(resourceLogs))
      report.leaveOut(where, 'It is no export of OTLP in JSON: it has neither `resourceSpans` nor `resourceLogs`.')
    spans.push(...inScopes(resourceSpans, 'scopeSpans', 'spans').map((span) => spanOf(where, span)))
    events.push(...inScopes(resourceLogs, 'scopeLogs', 'logRecords').map(logOf))
  }
  return { spans, events }
}

function inScopes(resources: unknown, scopes: string, inside: string): readonly Fields[] {
  return listOf(resources).flatMap((resource) => listOf(resource[scopes]).flatMap((scope) => listOf(scope[inside])))
}

function spanOf(where: string, span: Fields): OtlpSpan {
  const spanId = textOf(span['spanId']) ?? ''
  return {
    where: `${where}, span ${spanId}`,
    traceId: textOf(span['traceId']) ?? '',
    spanId,
    parentId: textOf(span['parentSpanId']) || undefined,
    name: textOf(span['name']) ?? '',
    attributes: attributesOf(span['attributes']),
    events: listOf(span['events']).map((event) => eventOf(event, spanId)),
    // Proto says it by number, some writers by name.
    failed: [2, 'STATUS_CODE_ERROR'].includes(fieldsOf(span['status'])['code'] as number | string),
    startedAt: momentOf(span['startTimeUnixNano']),
    endedAt: momentOf(span['endTimeUnixNano']),
  }
}

function eventOf(event: Fields, spanId: string): OtlpEvent {
  return { name: textOf(event['name']) ?? '', spanId, attributes: attributesOf(event['attributes']), body: undefined }
}

function logOf(log: Fields): OtlpEvent {
  const attributes = attributesOf(log['attributes'])
  const name = textOf(log['eventName']) ?? textOf(attributes['event.name']) ?? ''
  return { name, spanId: textOf(log['spanId']) ?? '', attributes, body: valueOf(log['body']) }
}

function attributesOf(given: unknown): Fields {
  return Object.fromEntries(listOf(given).map(({ key, value }) => [String(key), valueOf(value)]))
}

/** A value of OTLP says its type; 64 bits of a number stand as text. */
function valueOf(given: unknown): unknown {
  if (!isFields(given)) return undefined
  const { stringValue, intValue, doubleValue, boolValue, arrayValue, kvlistValue, bytesValue } = given
  if (intValue !== undefined) return Number(intValue)
  if (arrayValue !== undefined) return listOf(fieldsOf(arrayValue)['values']).map(valueOf)
  if (kvlistValue !== undefined) return attributesOf(fieldsOf(kvlistValue)['values'])
  return stringValue ?? doubleValue ?? boolValue ?? bytesValue
}

function momentOf(nanos: unknown): number | undefined {
  const ms = Math.round(Number(nanos) / 1e6)
  return Number.isSafeInteger(ms) && ms > 0 ? ms : undefined
}
