// What is recorded of what a tool returned: as its schema makes it, in JSON, with what it shows the model. run-tool.ts and
// reconcile.ts call this once the tool has run. Its secrets are learned before anything of it is written (invariant 10).
import type { InputPart } from '../../contracts/item.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { AnyTool } from '../../define/tool.ts'
import { WithParts } from '../../define/with-parts.ts'
import { validate } from '../../schema/decode.ts'
import { explain } from '../../schema/explain.ts'
import { secretPlaces } from '../../schema/secret.ts'
import { ToolError } from '../../values/errors.ts'
import { findUnjson } from '../../values/json.ts'
import type { Engine } from '../engine.ts'
import { keep, type Kept } from './keep.ts'

/** The code of the error of a call whose tool has run, and has returned what it said that it would not. */
export const BAD_RESULT = 'bad_result'

/** What a journal keeps of what a tool returned. */
export interface KeptResult extends Kept {
  readonly parts?: readonly InputPart[]
}

/** Makes ready for the secrets of what a tool returns, where it may have any. */
export async function expectResult(
  { secretsOf }: Pick<Engine, 'secretsOf'>,
  { lineageId }: Pick<RunRow, 'lineageId'>,
  { name, output }: AnyTool,
): Promise<void> {
  if (output && secretPlaces(output, `Tool "${name}": output: `)) await secretsOf(lineageId).load()
}

/**
 * Says what is recorded of what a tool returned.
 *
 * @throws ToolError with code `bad_result`, told to the model, where it breaks the tool's `output`, or shows what is no
 * picture and no file.
 */
export function keepResult(
  { log, secretsOf }: Pick<Engine, 'log' | 'secretsOf'>,
  { lineageId }: Pick<RunRow, 'lineageId'>,
  tool: AnyTool,
  returned: unknown,
): KeptResult {
  const { value, parts } = WithParts.is(returned) ? returned : { value: returned, parts: [] }
  const kept = keep({ log }, `Tool "${tool.name}"`, heldAgainst(tool, value, secretsOf, lineageId))
  if (parts.length === 0) return kept
  const wrong = parts.findIndex((part) => !isPart(part))
  if (wrong >= 0)
    throw badResult(
      tool,
      `parts[${wrong}] is no text, picture or file: { kind: 'image', url } or { kind: 'file', fileId }.`,
    )
  return { ...kept, parts: structuredClone(parts) }
}

function heldAgainst(tool: AnyTool, value: unknown, secretsOf: Engine['secretsOf'], lineageId: string): unknown {
  if (!tool.output) return value
  const decoded = validate(tool.output, value)
  if (!decoded.ok) throw badResult(tool, explain(decoded.issues))
  if (decoded.secrets.length > 0) secretsOf(lineageId).learn(decoded.secrets)
  return decoded.value
}

function badResult({ name, effect }: AnyTool, why: string): ToolError {
  const done =
    effect === 'read' || effect === 'transactional'
      ? ''
      : ' What it does is done all the same: find out before you call it again.'
  return new ToolError({ code: BAD_RESULT, message: `What ${name} returned is wrong. ${why}${done}` })
}

/** Types say what a part is; JavaScript does not. */
function isPart(part: unknown): boolean {
  if (typeof part !== 'object' || part === null || !('kind' in part) || findUnjson(part)) return false
  if (part.kind === 'text') return 'text' in part && typeof part.text === 'string'
  if (part.kind !== 'image' && part.kind !== 'file') return false
  const { url, fileId } = part as { readonly url?: unknown; readonly fileId?: unknown }
  return typeof fileId === 'string' ? url === undefined : typeof url === 'string' && /^(https?|data):/.test(url)
}
