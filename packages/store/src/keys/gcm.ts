// AES-256-GCM, as all that is encrypted stands in a store: a nonce, what is hidden, and the tag that authenticates both.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Encrypts bytes, or a text as UTF-8, so that they open under this key and for this place alone. */
export function sealBytes(key: KeyObject, bytes: Buffer | string, place: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
  const hidden = typeof bytes === 'string' ? cipher.update(bytes, 'utf8') : cipher.update(bytes)
  return Buffer.concat([nonce, hidden, cipher.final(), cipher.getAuthTag()])
}

/**
 * Decrypts what `sealBytes` gave.
 *
 * @throws Error when the key or the place is another one, or a bit has changed.
 */
export function openBytes(key: KeyObject, sealed: Buffer, place: string): Buffer {
  try {
    const tag = sealed.subarray(-TAG_BYTES)
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(Buffer.from(place)).setAuthTag(tag)
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
  } catch (cause) {
    throw new Error('its bytes are not what was encrypted there', { cause })
  }
}
