import type { Author, By } from '../../contracts/audit.ts'
import { badArgument, isObject } from '../../define/argument.ts'
import { checkText } from '../../define/names.ts'
import { SOMEBODY } from '../../journal/audit-note.ts'
import { checkWho } from './whose.ts'

/**
 * Gives who does something.
 *
 * @throws DefinitionError with code `bad_text` where a program without types has left that away.
 */
export function authorOf(what: string, given: { readonly by: By } | undefined): Author {
  const by: unknown = given?.by
  if (!isObject(by)) {
    checkText(what, 'by', by)
    return { id: by as string, source: SOMEBODY.source }
  }
  const { id, source } = by
  if (id === undefined && source === undefined)
    throw badArgument(
      `${what} was given by`,
      by,
      'Give it a text, or { id, source }: who does it, and known from where.',
    )
  checkWho(what, 'by.id', id)
  checkWho(what, 'by.source', source)
  return { id: id as string, source: source as string }
}

/** The same where it may be left out. */
export function authorIn(what: string, by: By | undefined): Author {
  return by === undefined ? SOMEBODY : authorOf(what, { by })
}
