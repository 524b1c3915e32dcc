import { missing } from '../http/api-error.ts'
import type { HostedItemType, HostedTool } from '../script/body.ts'
import { type Check, fields, flag, integer, listOf, objectAt, oneOf, orNull, text } from '../checks/checks.ts'
import { contentOf, inputParts } from './content.ts'

const texts = listOf(text, { of: 'an array of strings' })
const objects = listOf(objectAt)
const anything = fields({})

/** What came of a call: a text, or parts like a user's. */
export const callOutput: Check = (given, at) => {
  if (Array.isArray(given)) contentOf(inputParts)(given, at)
  else text(given, at)
}

function textParts(type: string): Check {
  return listOf(fields({ type: oneOf(type), text }, 'type', 'text'))
}

/** How far an item has come, in the words that its type has besides. */
function states(...more: readonly string[]): Check {
  return oneOf('in_progress', 'completed', ...more)
}

const partly = states('incomplete')

function call(checks: Readonly<Record<string, Check>>, ...required: readonly string[]): Check {
  return fields({ id: text, call_id: text, status: partly, ...checks }, ...required)
}

const searched = fields(
  { type: oneOf('search', 'open_page', 'find_in_page', 'find'), query: text, url: orNull(text), pattern: text },
  'type',
)
const executed = fields({ type: oneOf('exec'), command: texts, env: objectAt }, 'type', 'command', 'env')
const clicked = fields(
  { type: oneOf(...'click double_click drag keypress move screenshot scroll type wait'.split(' ')) },
  'type',
)
const screenshot = fields({ type: oneOf('computer_screenshot'), image_url: text, file_id: text }, 'type')
const patched = fields(
  { type: oneOf('create_file', 'update_file', 'delete_file'), path: text, diff: text },
  'type',
  'path',
)
const outcome = fields({ type: oneOf('timeout', 'exit'), exit_code: integer() }, 'type')
const printed = fields({ stdout: text, stderr: text, outcome }, 'stdout', 'stderr', 'outcome')

/** An item whose id and state may be said to be nothing. */
function given(checks: Readonly<Record<string, Check>>, ...required: readonly string[]): Check {
  return call({ id: orNull(text), status: orNull(partly), ...checks }, ...required)
}

/**
 * What each hosted item must have. Ids and states may be left out of what was put out and comes back: the platform's
 * description wants them, the platform does not.
 */
export const hostedItems: Readonly<Record<HostedItemType, Check>> = {
  reasoning: call(
    {
      summary: textParts('summary_text'),
      content: orNull(textParts('reasoning_text')),
      encrypted_content: orNull(text),
    },
    'summary',
  ),
  item_reference: fields({ id: text }, 'id'),
  web_search_call: call({ status: states('searching', 'failed'), action: searched }),
  file_search_call: call(
    { status: states('searching', 'incomplete', 'failed'), queries: texts, results: orNull(objects) },
    'queries',
  ),
  code_interpreter_call: call(
    {
      status: states('incomplete', 'interpreting', 'failed'),
      container_id: text,
      code: orNull(text),
      outputs: orNull(objects),
    },
    'container_id',
  ),
  image_generation_call: call({ status: states('generating', 'failed'), result: orNull(text) }),
  mcp_list_tools: call({ server_label: text, tools: objects }, 'server_label', 'tools'),
  mcp_approval_request: call({ server_label: text, name: text, arguments: text }, 'server_label', 'name', 'arguments'),
  mcp_approval_response: call({ approval_request_id: text, approve: flag }, 'approval_request_id', 'approve'),
  mcp_call: call(
    { status: states('incomplete', 'calling', 'failed'), server_label: text, name: text, arguments: text },
    'server_label',
    'name',
    'arguments',
  ),
  compaction: given({ encrypted_content: text }, 'encrypted_content'),
  compaction_trigger: anything,
  computer_call: call({ action: clicked, pending_safety_checks: objects }, 'call_id'),
  computer_call_output: given({ output: screenshot }, 'call_id', 'output'),
  custom_tool_call: call({ name: text, input: text }, 'call_id', 'name', 'input'),
  custom_tool_call_output: call({ output: callOutput }, 'call_id', 'output'),
  local_shell_call: call({ action: executed }, 'call_id', 'action'),
  local_shell_call_output: call({ status: orNull(partly), output: text }, 'output'),
  shell_call: given({ action: fields({ commands: texts }, 'commands') }, 'call_id', 'action'),
  shell_call_output: given({ output: listOf(printed) }, 'call_id', 'output'),
  apply_patch_call: given({ status: states(), operation: patched }, 'call_id', 'operation'),
  apply_patch_call_output: given({ status: oneOf('completed', 'failed'), output: orNull(text) }, 'call_id', 'status'),
  tool_search_call: given({ call_id: orNull(text), arguments: objectAt }, 'arguments'),
  tool_search_output: given({ call_id: orNull(text), tools: objects }, 'tools'),
  additional_tools: given({ role: oneOf('developer'), tools: objects }, 'role', 'tools'),
  program: call({ code: text, fingerprint: text }, 'call_id', 'code', 'fingerprint'),
  program_output: call({ result: text }, 'call_id', 'result'),
}

const container: Check = (value, at) => {
  if (typeof value !== 'string') fields({ type: oneOf('auto'), file_ids: texts }, 'type')(value, at)
}

const named = fields({ type: oneOf('function', 'custom'), name: text }, 'type', 'name')

const computer = fields(
  {
    environment: oneOf('windows', 'mac', 'linux', 'ubuntu', 'browser'),
    display_width: integer(),
    display_height: integer(),
  },
  'environment',
  'display_width',
  'display_height',
)

/** What each hosted tool must have. */
export const hostedTools: Readonly<Record<HostedTool['type'], Check>> = {
  web_search: anything,
  web_search_2025_08_26: anything,
  web_search_preview: anything,
  web_search_preview_2025_03_11: anything,
  file_search: fields({ vector_store_ids: texts, max_num_results: integer() }, 'vector_store_ids'),
  code_interpreter: fields({ container }, 'container'),
  image_generation: fields({ partial_images: integer(0, 3) }),
  mcp: fields({ server_label: text, server_url: text, connector_id: text }, 'server_label'),
  computer: anything,
  computer_use_preview: computer,
  custom: fields({ name: text, description: text, format: customFormat }, 'name'),
  local_shell: anything,
  shell: fields({ environment: orNull(objectAt) }),
  apply_patch: anything,
  tool_search: anything,
  namespace: fields(
    { name: text, description: text, tools: listOf(named, { min: 1 }) },
    'name',
    'description',
    'tools',
  ),
  programmatic_tool_calling: anything,
}

/** What the input of a custom tool looks like: any text, or one of a grammar. */
function customFormat(value: unknown, at: string): void {
  fields({ type: oneOf('text', 'grammar'), syntax: oneOf('lark', 'regex'), definition: text }, 'type')(value, at)
  const { type, syntax, definition } = objectAt(value, at)
  if (type === 'grammar' && syntax === undefined) throw missing(`${at}.syntax`)
  if (type === 'grammar' && definition === undefined) throw missing(`${at}.definition`)
}
