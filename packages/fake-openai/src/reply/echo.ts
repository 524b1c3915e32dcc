import type { ResponsesBody } from '../script/body.ts'

/** What a response repeats of its request, with the platform's defaults where nothing was asked. */
export function echoOf(body: ResponsesBody): object {
  const { reasoning, text, service_tier: tier, tools = [], hosted_tools: hosted = [] } = body
  return {
    background: body.background ?? false,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    ...(body.conversation && { conversation: { id: conversationId(body.conversation) } }),
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    prompt_cache_retention: body.prompt_cache_retention ?? 'in_memory',
    reasoning: { effort: reasoning?.effort ?? null, summary: reasoning?.summary ?? null },
    safety_identifier: body.safety_identifier ?? null,
    service_tier: tier && tier !== 'auto' ? tier : 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: { format: formatOf(text?.format), verbosity: text?.verbosity ?? 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    // A function is strict unless it is asked not to be.
    tools: [...tools.map((tool) => ({ ...tool, strict: tool.strict ?? true })), ...hosted],
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? 'disabled',
    user: body.user ?? null,
    metadata: body.metadata ?? {},
  }
}

/** A conversation is named by its id alone, or by an object that has it. */
export function conversationId(named: NonNullable<ResponsesBody['conversation']>): string {
  return typeof named === 'string' ? named : named.id
}

/** An answer's schema is strict only where it is asked to be. */
function formatOf(format: NonNullable<ResponsesBody['text']>['format']): object {
  if (format?.type !== 'json_schema') return format ?? { type: 'text' }
  return { ...format, description: format.description ?? null, strict: format.strict ?? false }
}
