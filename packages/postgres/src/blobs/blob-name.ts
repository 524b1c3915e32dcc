import { randomBytes } from 'node:crypto'

/** What a blob is found by in hexadecimal, since file systems may not tell letters of two sizes apart, and what is its own. */
const NAME = /^[0-9a-f]{64}-[0-9a-f]{16}$/

/**
 * Makes the name of a blob that is about to be put: another one each time, also for the same bytes, so that what is deleted
 * under a name is never what somebody has put since.
 *
 * @param address by which the database finds it: 32 bytes in base64url.
 */
export function newBlobName(address: string): string {
  return `${Buffer.from(address, 'base64url').toString('hex')}-${randomBytes(8).toString('hex')}`
}

/** Whether a text is the name of a blob. */
export function isBlobName(text: string): boolean {
  return NAME.test(text)
}

/** Checks a name before it becomes a part of a path. @throws TypeError for another text: only the store makes them. */
export function checkBlobName(name: string): void {
  if (!isBlobName(name)) throw new TypeError(`No blob is called ${JSON.stringify(name)}.`)
}
