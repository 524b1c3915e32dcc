import { expect, test } from 'vitest'
import { toStoreError } from './errors.ts'

test.each([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])('a certificate that is not trusted (%s) is refused, and not tried again', (code) => {
  const thrown = Object.assign(new Error('it is another'), { code })
  expect(toStoreError(thrown, 'the desk')).toMatchObject({
    code: 'store_refused',
    retryable: false,
    message: expect.stringContaining('trusted: it is another. Look at the user, the password, and the certificate'),
  })
})

test.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT'])('a network that fails (%s) is tried again', (code) => {
  const thrown = Object.assign(new Error('no'), { code })
  expect(toStoreError(thrown, 'the desk')).toMatchObject({ code: 'store_unreachable', retryable: true })
})
