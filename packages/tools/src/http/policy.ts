import { lookup } from 'node:dns/promises'
import { type BlockList, isIP } from 'node:net'
import { ToolError } from '@reprise/core'
import { isIn, isPublic } from './addresses.ts'
import type { Hosts } from './hosts.ts'

/** Gives the addresses that a host name stands for. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** Whom a tool may ask. */
export interface Policy {
  readonly hosts: Hosts
  /** Addresses off the public internet that a listed host may stand for. */
  readonly privateAddresses: BlockList
  readonly resolve: Resolve
}

/** Resolves a name as the system does. */
export const systemResolve: Resolve = async (host) => {
  const found = await lookup(host, { all: true })
  return found.map(({ address }) => address)
}

/**
 * Finds the addresses to connect to: those that were looked at, so that a second look-up cannot bring others.
 *
 * @param url whose host is listed; where it is an address, that one is listed too.
 * @throws ToolError when one of them is off the public internet and not listed.
 */
export async function addressesOf(url: URL, { privateAddresses, resolve }: Policy): Promise<readonly string[]> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) !== 0) return [host]
  const addresses = await resolve(host)
  if (addresses.length === 0) throw refused(host, 'has no address')
  const off = addresses.find((address) => !isPublic(address) && !isIn(privateAddresses, address))
  if (off !== undefined) throw refused(host, `is at ${off}, which is no address of the public internet`)
  return addresses
}

function refused(host: string, why: string): ToolError {
  return new ToolError({
    code: 'address_refused',
    message: `The host ${host} ${why}, so it is not asked. Go on without it, and say so.`,
    details: { host },
  })
}
