import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tempFolder } from '../../temp-folder.fixture.ts'
import { Outbox } from '../outbox.ts'
import { sendEmail } from './tell.ts'

it('a mail in doubt was sent when the outbox has it, and was not when it has only others', async () => {
  const outbox = new Outbox(join(tempFolder(), 'outbox.jsonl'))
  const ctx = { idempotencyKey: 'k-1', services: { outbox } } as unknown as Parameters<
    NonNullable<typeof sendEmail.reconcile>
  >[1]
  outbox.send({ id: 'k-2', ticket: 't-1', to: 'ada@example.com', subject: 'Other', text: '' })
  expect(await sendEmail.reconcile?.({}, ctx)).toEqual({ happened: false })

  outbox.send({ id: 'k-1', ticket: 't-1', to: 'ada@example.com', subject: 'Yours', text: '' })
  expect(await sendEmail.reconcile?.({}, ctx)).toEqual({ happened: true, result: { sentTo: 'ada@example.com' } })
})
