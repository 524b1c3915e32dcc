import type { MakeId } from '../http/ids.ts'
import { own } from '../script/own.ts'

type Prefix = Parameters<MakeId>[0]

const idPrefixes: Readonly<Partial<Record<string, Prefix>>> = {
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

/** How the ids of the items of a type begin. */
export function idPrefix(type: string): Prefix {
  return own(idPrefixes, type) ?? 'item'
}
