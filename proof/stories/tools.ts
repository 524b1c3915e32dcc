// A tool of each effect, which does what it does outside.
import { type CallContext, defineTool } from '@reprise/core'
import { z } from 'zod'
import type { Outside } from './outside.ts'

type Ctx = CallContext<unknown, Outside>

const input = z.object({ id: z.string() })
/** What fails by chance is tried until it is done. */
export const retry = { attempts: 20, baseMs: 200, maxMs: 4_000 }
/** What takes longer leaves a `once` call in doubt. */
const timeoutMs = 4_000

/** Looks. */
export const look = defineTool({
  name: 'look',
  description: 'Looks.',
  input,
  effect: 'read',
  retry,
  execute: ({ id }, ctx: Ctx) => ctx.services.do('look', ctx, id),
})
/** Pays. */
export const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  input,
  effect: 'idempotent',
  retry,
  execute: ({ id }, ctx: Ctx) => ctx.services.do('pay', ctx, id),
})
/** Pays what somebody must allow. */
export const grant = defineTool({
  name: 'grant',
  description: 'Pays what somebody must allow.',
  input,
  effect: 'idempotent',
  retry,
  approval: true,
  execute: ({ id }, ctx: Ctx) => ctx.services.do('pay', ctx, id),
})
/** Pays what somebody must allow in time. */
export const permit = defineTool({
  name: 'permit',
  description: 'Pays what somebody must allow in time.',
  input,
  effect: 'idempotent',
  retry,
  approval: true,
  approvalTimeoutMs: 8_000,
  execute: ({ id }, ctx: Ctx) => ctx.services.do('pay', ctx, id),
})
/** Books, in the transaction of its entry. */
export const book = defineTool({
  name: 'book',
  description: 'Books.',
  input,
  effect: 'transactional',
  execute: ({ id }, ctx: Ctx) => ctx.services.book(ctx, id),
})
/** Mails, at most once. */
export const mail = defineTool({
  name: 'mail',
  description: 'Mails.',
  input,
  effect: 'once',
  timeoutMs,
  execute: ({ id }, ctx: Ctx) => ctx.services.do('mail', ctx, id),
})
/** Posts, at most once, and can say whether it did. */
export const post = defineTool({
  name: 'post',
  description: 'Posts.',
  input,
  effect: 'once',
  timeoutMs,
  execute: ({ id }, ctx: Ctx) => ctx.services.do('post', ctx, id),
  reconcile: ({ id }, ctx: Ctx) => ctx.services.reconcile(ctx, `post ${id}`),
})
