import { STRICT_LIMITS, type StrictLimits } from './limits.ts'
import { checkNode } from './check-node.ts'
import { checkSize } from './check-size.ts'
import { isObject } from '../raw/raw.ts'
import type { Violation } from './violation.ts'
import { walk } from '../raw/walk.ts'

/**
 * Checks a finished JSON Schema against the strict subset.
 *
 * @returns what is wrong with it, in the order in which it stands there; nothing where a service would take it.
 */
export function checkStrict(json: unknown, limits: StrictLimits = STRICT_LIMITS): readonly Violation[] {
  const nodes = [...walk(json)]
  const rootType = isObject(json) ? json['type'] : undefined
  return [
    ...(rootType === 'object' ? [] : [{ path: '#', rule: 'root', message: 'The root must be an object.' } as const]),
    ...nodes.flatMap((node) => checkNode(node, json)),
    ...checkSize(nodes, limits),
  ]
}
