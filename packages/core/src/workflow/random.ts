import { crypto } from '../values/crypto.ts'

/** Thirty-two bits, as a share of 1. */
const SHARE = 2 ** 32

/** A number from 0 (included) to 1 (excluded) that follows from a seed and a key. */
export function randomOf(seed: string, key: string): number {
  return crypto().hash('sha256', `${seed} ${key}`, 'buffer').readUInt32BE(0) / SHARE
}

/** A version 4 UUID that follows from a seed and a key. */
export function uuidOf(seed: string, key: string): string {
  const bytes = crypto().hash('sha256', `${seed} ${key}`, 'buffer').subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
