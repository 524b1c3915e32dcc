import type { HostedItem, HostedTool, JsonObject } from '@reprise/core'
import type { ResponseOutputItem, Tool } from 'openai/resources/responses/responses'

/** The service's name of what a hosted tool did, by which tool it was. */
const tools: Readonly<Record<string, HostedTool['kind']>> = {
  web_search_call: 'web-search',
  file_search_call: 'file-search',
  code_interpreter_call: 'code-interpreter',
  mcp_list_tools: 'mcp',
  mcp_call: 'mcp',
}

/** What a hosted tool did; nothing where the item is not of one. */
export function toHostedItem(item: ResponseOutputItem): readonly HostedItem[] {
  const tool = tools[item.type]
  // It came as JSON.
  return tool === undefined ? [] : [{ kind: 'hosted', tool, item: item as unknown as JsonObject }]
}

/** A hosted tool as the Responses API takes it. */
export function toHostedTool(tool: HostedTool): Tool {
  switch (tool.kind) {
    case 'web-search':
      return {
        type: 'web_search',
        ...(tool.domains && { filters: { allowed_domains: [...tool.domains] } }),
        ...(tool.contextSize && { search_context_size: tool.contextSize }),
      }
    case 'file-search':
      return {
        type: 'file_search',
        vector_store_ids: [...tool.vectorStoreIds],
        ...(tool.maxResults === undefined ? {} : { max_num_results: tool.maxResults }),
      }
    case 'code-interpreter':
      return {
        type: 'code_interpreter',
        container: { type: 'auto', ...(tool.fileIds && { file_ids: [...tool.fileIds] }) },
      }
    case 'mcp':
      return {
        type: 'mcp',
        server_label: tool.label,
        server_url: tool.url,
        ...(tool.description === undefined ? {} : { server_description: tool.description }),
        allowed_tools: [...tool.tools],
        // Whoever wrote the definition named the tools that may be called.
        require_approval: 'never',
      }
    default:
      return tool satisfies never
  }
}

/** A hosted tool as a choice of tools names it. */
export function hostedChoice(tool: HostedTool): Record<string, unknown> {
  const { type } = toHostedTool(tool)
  return tool.kind === 'mcp' ? { type, server_label: tool.label } : { type }
}
