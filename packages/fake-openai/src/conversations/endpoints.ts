import { beyondTheFake, missing } from '../http/api-error.ts'
import { bodyIfAny, type Call, type Parameters } from '../http/call.ts'
import type { MakeId } from '../http/ids.ts'
import { pageOf } from '../lists/page.ts'
import type { Routes } from '../http/routes.ts'
import { sendJson } from '../http/send.ts'
import type { InputItem } from '../script/body.ts'
import { storedItems } from '../reply/input-items.ts'
import { type Check, listOf, orNull } from '../checks/checks.ts'
import { metadata } from '../validate/parameters.ts'
import { knownBody, unknownParameter } from '../validate/validate.ts'
import { isReference, validateItem } from '../validate/validate-input.ts'
import type { Conversations, KeptItem } from './conversations.ts'

const MAX_ITEMS = 20

/** The endpoints below `/v1/conversations`. */
export function conversationEndpoints(conversations: Conversations): Routes {
  return {
    'POST /v1/conversations': (call) => {
      const body = bodyOf(call, 'metadata', 'items')
      orNull(metadata)(body['metadata'] ?? null, 'metadata')
      sendJson(call.to, 200, conversations.create(call.id('conv'), body['metadata'] ?? {}, itemsIn(body, call.id)))
    },
    'GET /v1/conversations/:id': ({ to }, id = '') => sendJson(to, 200, conversations.describe(id)),
    'POST /v1/conversations/:id': (call, id = '') => {
      const body = bodyOf(call, 'metadata')
      if (body['metadata'] === undefined) throw missing('metadata')
      metadata(body['metadata'], 'metadata')
      sendJson(call.to, 200, conversations.update(id, body['metadata']))
    },
    'DELETE /v1/conversations/:id': ({ to }, id = '') => {
      conversations.delete(id)
      sendJson(to, 200, { object: 'conversation.deleted', deleted: true, id })
    },
    'GET /v1/conversations/:id/items': ({ query, to }, id = '') =>
      sendJson(to, 200, pageOf(conversations.items(id), query)),
    'POST /v1/conversations/:id/items': (call, id = '') => {
      const body = bodyOf(call, 'items')
      if (body['items'] === undefined) throw missing('items')
      conversations.describe(id)
      const items = itemsIn(body, call.id)
      conversations.extend(id, items)
      sendJson(call.to, 200, pageOf(items, new URLSearchParams({ order: 'asc' })))
    },
    'GET /v1/conversations/:id/items/:item': ({ to }, id = '', item = '') =>
      sendJson(to, 200, conversations.item(id, item)),
    'DELETE /v1/conversations/:id/items/:item': ({ to }, id = '', item = '') =>
      sendJson(to, 200, conversations.deleteItem(id, item)),
  }
}

/** The body of a request, which may have these parameters. */
function bodyOf(call: Call, ...names: readonly string[]): Parameters {
  return knownBody(bodyIfAny(call), new Set(names), [], unknownParameter)
}

/** The items that a request brings along, as they are kept. */
function itemsIn({ items }: Parameters, id: MakeId): readonly KeptItem[] {
  orNull(listOf(item, { max: MAX_ITEMS }))(items ?? null, 'items')
  // They are checked.
  return storedItems((items ?? []) as readonly InputItem[], id)
}

const item: Check = (given, at) => {
  validateItem(given, at)
  if (isReference(given as InputItem)) throw beyondTheFake(`'${at}' of type 'item_reference'`, at)
}
