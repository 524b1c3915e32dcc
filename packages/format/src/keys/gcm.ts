// AES-256-GCM, as all that is encrypted stands in a store: a nonce, what is hidden, and the tag that authenticates both.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** How many nonces are drawn at a time. */
const NONCES_DRAWN = 256

/** Encrypts bytes, or a text as UTF-8, so that they open under this key and for this place alone. */
export function sealBytes(key: KeyObject, bytes: Buffer | string, place: string): Buffer {
  const nonce = freshNonce()
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
  const hidden = typeof bytes === 'string' ? cipher.update(bytes, 'utf8') : cipher.update(bytes)
  // It gives no bytes: GCM fills up no last block.
  cipher.final()
  return Buffer.concat([nonce, hidden, cipher.getAuthTag()])
}

/** Random bytes for many nonces, since to draw them one by one takes a fifth of all the encryption's time. */
let drawn: Buffer = Buffer.alloc(0)

/** Gives bytes that nobody was given before. */
function freshNonce(): Buffer {
  if (drawn.length === 0) drawn = randomBytes(NONCES_DRAWN * NONCE_BYTES)
  const nonce = drawn.subarray(0, NONCE_BYTES)
  drawn = drawn.subarray(NONCE_BYTES)
  return nonce
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
