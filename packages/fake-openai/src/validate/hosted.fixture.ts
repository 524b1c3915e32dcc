/** An item or a tool. */
export type Described = Readonly<Record<string, unknown>> & { readonly type: string }

const status = 'completed'
const call = { id: 'x_1', call_id: 'a', status }
const mcp = { id: 'mcp_1', server_label: 'a', name: 'rain', arguments: '{}' }

/** A right item of each type, as the platform describes it. */
export const hostedItems: readonly Described[] = [
  { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'So' }], encrypted_content: 'gAAA' },
  { type: 'web_search_call', id: 'ws_1', status, action: { type: 'search', query: 'rain' } },
  { type: 'file_search_call', id: 'fs_1', status, queries: ['rain'] },
  { type: 'code_interpreter_call', id: 'ci_1', status, container_id: 'c', code: '1', outputs: null },
  { type: 'image_generation_call', id: 'ig_1', status, result: null },
  { type: 'mcp_list_tools', id: 'mcpl_1', server_label: 'a', tools: [] },
  { type: 'mcp_approval_request', ...mcp, id: 'mcpr_1' },
  { type: 'mcp_approval_response', approval_request_id: 'mcpr_1', request_id: 'mcpr_1', approve: true },
  { type: 'mcp_call', ...mcp },
  { type: 'compaction', encrypted_content: 'gAAA' },
  { type: 'compaction_trigger' },
  { type: 'computer_call', ...call, pending_safety_checks: [], action: { type: 'screenshot' } },
  { type: 'computer_call_output', call_id: 'a', output: { type: 'computer_screenshot', image_url: 'data:,' } },
  { type: 'custom_tool_call', call_id: 'b', name: 'sql', input: 'select 1' },
  { type: 'custom_tool_call_output', call_id: 'b', output: '1' },
  {
    type: 'local_shell_call',
    ...call,
    id: 'lsh_1',
    call_id: 'c',
    action: { type: 'exec', command: ['ls'], env: {} },
  },
  { type: 'local_shell_call_output', id: 'c', call_id: 'c', output: 'a.txt' },
  { type: 'shell_call', call_id: 'd', action: { commands: ['ls'] } },
  { type: 'shell_call_output', call_id: 'd', output: [{ stdout: 'a', stderr: '', outcome: { type: 'timeout' } }] },
  { type: 'apply_patch_call', call_id: 'e', status, operation: { type: 'delete_file', path: 'a.txt' } },
  { type: 'apply_patch_call_output', call_id: 'e', status },
  { type: 'tool_search_call', arguments: {} },
  { type: 'tool_search_output', tools: [] },
  { type: 'additional_tools', role: 'developer', tools: [] },
  { type: 'program', id: 'p_1', call_id: 'f', code: '1', fingerprint: 'x' },
  { type: 'program_output', id: 'p_2', call_id: 'f', result: '1', status },
]

/** A right tool of each type. */
export const hostedTools: readonly Described[] = [
  { type: 'web_search' },
  { type: 'web_search_2025_08_26' },
  { type: 'web_search_preview' },
  { type: 'web_search_preview_2025_03_11' },
  { type: 'file_search', vector_store_ids: ['vs_1'] },
  { type: 'code_interpreter', container: { type: 'auto' } },
  { type: 'image_generation' },
  { type: 'mcp', server_label: 'a', server_url: 'https://example.com/mcp' },
  { type: 'computer' },
  { type: 'computer_use_preview', environment: 'linux', display_width: 1024, display_height: 768 },
  { type: 'custom', name: 'sql', format: { type: 'grammar', syntax: 'regex', definition: '.*' } },
  { type: 'local_shell' },
  { type: 'shell' },
  { type: 'apply_patch' },
  { type: 'tool_search' },
  { type: 'namespace', name: 'shop', description: 'A shop', tools: [{ type: 'custom', name: 'buy' }] },
  { type: 'programmatic_tool_calling' },
]
