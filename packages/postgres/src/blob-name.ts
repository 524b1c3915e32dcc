import { randomBytes } from 'node:crypto'

/** What a blob is found by in hexadecimal, since file systems may not tell letters of two sizes apart, and what is its own. */
const NAME = /^[0-9a-f]{64}-[0-9a-f]{16}$/

/** How long an address is in hexadecimal. */
const ADDRESS_CHARS = 64

/**
 * Makes the name of a blob that is about to be put: another one each time, also for the same bytes, so that what is deleted
 * under a name is never what somebody has put since.
 *
 * @param address by which the database finds it: 32 bytes in base64url.
 * @param tag of the journal that it belongs to: at most 8 digits of hexadecimal, which the others follow. @default none
 */
export function newBlobName(address: string, tag = ''): string {
  const own = `${tag}${randomBytes(8).toString('hex')}`.slice(0, 16)
  return `${Buffer.from(address, 'base64url').toString('hex')}-${own}`
}

/** Whether a blob belongs to the journal of a tag. */
export function isNameOf(name: string, tag: string): boolean {
  return isBlobName(name) && name.startsWith(tag, ADDRESS_CHARS + 1)
}

/** Whether a text is the name of a blob. */
export function isBlobName(text: string): boolean {
  return NAME.test(text)
}

/** Checks a name before it becomes a part of a path. @throws TypeError for another text: only the store makes them. */
export function checkBlobName(name: string): void {
  if (!isBlobName(name)) throw new TypeError(`No blob is called ${JSON.stringify(name)}.`)
}
