// Imported before everything else, so that an older Node.js is told so instead of meeting what it does not have.
import { DefinitionError } from './errors.ts'

const OLDEST_NODE = [22, 18] as const

const { node } = process.versions
const [major = 0, minor = 0] = node.split('.').map(Number)
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  throw new DefinitionError({
    code: 'old_node',
    message: `Reprise cannot run on Node.js ${node}. It needs Node.js ${OLDEST_NODE.join('.')} or newer. Run this program with a newer Node.js.`,
    details: { found: node, needed: OLDEST_NODE.join('.') },
  })
}
