// Traces of the OpenAI Agents SDK, of JavaScript or of Python: a line for each trace and for each span.
import { type Fields, fieldsOf, isFields, listOf, momentOf, saidAsText, textOf } from '../read/json.ts'
import type { FileRecord } from '../read/records.ts'
import type { Report } from '../read/report.ts'
import type { Exchange } from '../say/exchange.ts'
import { exchangeOfApi, type OfApi } from '../say/openai.ts'
import { type FailedRun, withFailures } from './tool-runs.ts'

interface Span {
  readonly where: string
  readonly id: string
  readonly trace: string
  readonly parent: string | undefined
  readonly fields: Fields
  readonly data: Fields
}

/** Reads traces and spans, in any order. */
export function agentsTrace(records: readonly FileRecord[], report: Report): readonly Exchange[] {
  const traces = new Map<string, Fields>()
  const spans = new Map<string, Span>()
  for (const { where, fields } of records.flatMap(inBatch)) {
    const { object, id, trace_id: trace, parent_id: parent, span_data: data } = fields
    if (object === 'trace') traces.set(String(id), fields)
    else if (object === 'trace.span' && isFields(data))
      spans.set(String(id), {
        where: `${where}, span ${String(id)}`,
        id: String(id),
        trace: String(trace),
        parent: textOf(parent),
        fields,
        data,
      })
    else
      report.leaveOut(
        where,
        `It is neither a trace nor a span of the Agents SDK: its \`object\` is ${JSON.stringify(object)}.`,
      )
  }
  const groupOf = (trace: string): string => textOf(traces.get(trace)?.['group_id']) ?? trace
  const failures: FailedRun[] = []
  const exchanges = [...spans.values()].flatMap((span): readonly Exchange[] => {
    const { data, fields, trace } = span
    const group = groupOf(trace)
    if (data['type'] === 'function' && fields['error'])
      failures.push({ group, name: saidAsText(data['name']), input: data['input'] })
    if (data['type'] !== 'response' && data['type'] !== 'generation') {
      report.pass(`${saidAsText(data['type'])} span`)
      return []
    }
    const read = data['type'] === 'response' ? ofResponse(data) : ofGeneration(data)
    if (typeof read === 'string') {
      report.leaveOut(span.where, read)
      return []
    }
    const agent = agentOf(span, spans)
    const metadata = traces.get(trace) ?? {}
    const own = {
      where: span.where,
      group,
      id: trace,
      metadata,
      ...read,
      asked: { ...read.asked, ...(agent && { agent }) },
    }
    return [{ ...own, startedAt: momentOf(fields['started_at']), endedAt: momentOf(fields['ended_at']) }]
  })
  return withFailures(exchanges, failures)
}

/** What the SDK sends to its service is a list in `data`. */
function inBatch(record: FileRecord): readonly FileRecord[] {
  const { data, object } = record.fields
  return object === undefined && Array.isArray(data)
    ? listOf(data).map((fields) => ({ where: record.where, fields }))
    : [record]
}

/** The agent whose span is the nearest above. */
function agentOf({ parent }: Span, spans: ReadonlyMap<string, Span>): string | undefined {
  const seen = new Set<string>()
  for (let at = parent; at !== undefined && !seen.has(at); at = spans.get(at)?.parent) {
    seen.add(at)
    const data = spans.get(at)?.data
    if (data?.['type'] === 'agent') return textOf(data['name'])
  }
  return undefined
}

const OFF =
  'It has no messages: the SDK was told to leave them out. Trace with `traceIncludeSensitiveData` (`trace_include_sensitive_data`) on.'

function ofResponse(data: Fields): OfApi | string {
  const input = data['_input'] ?? data['input']
  const response = fieldsOf(data['_response'] ?? data['response'])
  if (input === undefined || input === null) {
    if (typeof data['response_id'] !== 'string') return OFF
    return 'It has no messages: an exported span of the Responses API has its id alone. Write `span.spanData` into the line in the place of `span_data` (Python: `input` and `response.model_dump()` of `span.span_data`).'
  }
  // A response repeats what it was asked with, but for the input.
  return exchangeOfApi({ ...response, input }, response)
}

function ofGeneration(data: Fields): OfApi | string {
  const { input, output, model, model_config: settings, usage } = data
  if (!Array.isArray(input)) return OFF
  const [said] = listOf(output)
  // In JavaScript it is the whole completion, in Python its message.
  const answer = said && Array.isArray(said['choices']) ? said : { choices: said ? [{ message: said }] : [] }
  const request = { ...fieldsOf(settings), model, messages: input }
  return exchangeOfApi(request, { usage, ...answer })
}
