/** What a line says that somebody has typed. */
export type Wish =
  /** `id` is what the message is known by: sent again, it is heard once. */
  | { readonly kind: 'say'; readonly id: string | undefined; readonly text: string }
  /** `id` is the message whose call is meant, where that is said. */
  | { readonly kind: 'approve'; readonly id: string | undefined }
  | { readonly kind: 'reject'; readonly id: string | undefined; readonly reason: string }
  | { readonly kind: 'history' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unclear'; readonly why: string }

/** What is said where the chat begins. */
export const COMMANDS = `You are the customer. For the shop, /approve and /reject WHY decide about what waits.
/history shows all that was said. /quit leaves, and the same command goes on.`

/** Reads a line. `/id ID LINE` names the message of a line, for programs. */
export function readWish(line: string): Wish {
  const [, id, rest] = /^\/id\s+(\S+)\s+(.*)$/.exec(line.trim()) ?? []
  const text = rest?.trim() ?? line.trim()
  if (text === '') return { kind: 'nothing' }
  if (!text.startsWith('/')) return { kind: 'say', id, text }
  const [command = '', ...words] = text.split(/\s+/)
  if (command === '/approve') return { kind: 'approve', id }
  if (command === '/reject') return { kind: 'reject', id, reason: words.join(' ') }
  if (command === '/history') return { kind: 'history' }
  if (command === '/quit') return { kind: 'quit' }
  return { kind: 'unclear', why: `There is no ${command}: there are /approve, /reject WHY, /history and /quit.` }
}
