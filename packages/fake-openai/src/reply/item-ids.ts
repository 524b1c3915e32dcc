import type { MakeId } from '../http/ids.ts'

/** How the ids of items begin, by their type. */
export const idPrefixes: Readonly<Partial<Record<string, Parameters<MakeId>[0]>>> = {
  message: 'msg',
  function_call: 'fc',
  function_call_output: 'fc',
  reasoning: 'rs',
  web_search_call: 'ws',
  file_search_call: 'fs',
  code_interpreter_call: 'ci',
  image_generation_call: 'ig',
  mcp_call: 'mcp',
  mcp_list_tools: 'mcpl',
  mcp_approval_request: 'mcpr',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
  computer_call: 'cu',
  shell_call: 'sh',
  shell_call_output: 'sho',
  local_shell_call: 'lsh',
  apply_patch_call: 'apc',
  compaction: 'cmp',
}
