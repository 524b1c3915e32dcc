import { ApiError } from '../http/api-error.ts'
import { own } from '../script/own.ts'
import { type InputItem, isMessage } from '../script/body.ts'

/** Calls that the caller answers, as the platform names them. */
const callNames: Readonly<Partial<Record<string, string>>> = {
  function_call: 'function call',
  custom_tool_call: 'custom tool call',
  computer_call: 'computer call',
  apply_patch_call: 'apply patch call',
}

const OUTPUT = '_output'

/**
 * Checks that each call has its output and each output its call.
 *
 * @throws ApiError with the platform's complaint.
 */
export function validatePairs(items: readonly InputItem[]): void {
  const calls = new Map<string, string>()
  const answered = new Set<string>()
  for (const { type = 'message', call_id: id } of items as readonly { type?: string; call_id?: string }[]) {
    const isOutput = type.endsWith(OUTPUT)
    const name = own(callNames, isOutput ? type.slice(0, -OUTPUT.length) : type)
    if (name === undefined || id === undefined) continue
    if (!isOutput) {
      if (calls.has(id)) throw duplicate(name, id)
      calls.set(id, name)
      continue
    }
    if (calls.get(id) !== name) throw wrong(`No tool call found for ${name} output with call_id ${id}.`)
    if (answered.has(id)) throw duplicate(`${name} output`, id)
    answered.add(id)
  }
  for (const [id, name] of calls) if (!answered.has(id)) throw wrong(`No tool output found for ${name} ${id}.`)
}

/**
 * Checks that no item is there twice: what a request goes on from it does not bring along as well.
 *
 * @throws ApiError with the platform's complaint.
 */
export function validateIds(items: readonly InputItem[]): void {
  const seen = new Set<string>()
  for (const { id } of items) {
    if (typeof id !== 'string') continue
    if (seen.has(id))
      throw wrong(`Duplicate item found with id ${id}. Remove duplicate items from your input and try again.`)
    seen.add(id)
  }
}

/**
 * Checks that what a model reasoned comes back with what came of it, and that with what was reasoned.
 *
 * @param said the items of a request, at the end of all its items.
 * @param reasonedBefore finds the id of what was reasoned right before an item.
 * @throws ApiError with the platform's complaint.
 */
export function validateReasoning(
  said: readonly InputItem[],
  items: readonly InputItem[],
  reasonedBefore: (id: string) => string | undefined,
): void {
  const ids = new Set(items.map(({ id }) => id))
  for (const [index, item] of said.entries()) {
    const reasoning = item.id === undefined ? undefined : reasonedBefore(item.id)
    if (reasoning !== undefined && !ids.has(reasoning)) {
      const what = `Item '${item.id}' of type '${item.type ?? 'message'}'`
      throw wrong(`${what} was provided without its required 'reasoning' item: '${reasoning}'.`)
    }
    // Without its id it is taken alone, too.
    if (item.type !== 'reasoning' || item.id === undefined || isOfTheModel(said[index + 1])) continue
    throw wrong(`Item '${item.id}' of type 'reasoning' was provided without its required following item.`)
  }
}

/** Whether an item is one that a model puts out. */
function isOfTheModel(item: InputItem | undefined): boolean {
  if (!item) return false
  if (isMessage(item)) return item.role === 'assistant'
  return !/_output$|^mcp_approval_response$|^compaction_trigger$/.test(item.type)
}

/** The platform's own words for this are not known; that it is refused is. */
function duplicate(what: string, id: string): ApiError {
  return wrong(`Duplicate ${what} found with call_id ${id}. Remove duplicate items from your input and try again.`)
}

function wrong(message: string): ApiError {
  return new ApiError(message, { param: 'input' })
}
