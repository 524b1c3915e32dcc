import { BlockList, isIP } from 'node:net'
import { DefinitionError } from '@reprise/core'

/**
 * What is not the public internet, of IPv4.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const SPECIAL_IPV4 = [
  '0.0.0.0/8', // this network: 0.0.0.0 reaches loopback
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT; metadata of Alibaba
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // metadata of Azure, in public space
  '169.254.0.0/16', // link-local; metadata of AWS, Google, Azure
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments; metadata of Oracle
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // relays of 6to4
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
]

/**
 * The one part of IPv6 that is the public internet, and what is not public in it.
 *
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const GLOBAL_IPV6 = '2000::/3'
const SPECIAL_IPV6 = [
  '2001::/23', // protocol assignments; Teredo carries an IPv4 address
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4 carries an IPv4 address
  '3fff::/20', // documentation
]

const special = rangesOf([...SPECIAL_IPV4, ...SPECIAL_IPV6])
const global6 = rangesOf([GLOBAL_IPV6])

/** Tells whether an address is on the public internet. Whatever else is no public address, text of any kind too. */
export function isPublic(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !special.check(address, 'ipv4')
  return family === 6 && global6.check(address, 'ipv6') && !special.check(address, 'ipv6')
}

/** Tells whether an address is in one of these ranges. */
export function isIn(ranges: BlockList, address: string): boolean {
  const family = isIP(address)
  return family !== 0 && ranges.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/**
 * Reads addresses (`10.1.2.3`) and ranges (`10.0.0.0/8`, `fd00::/8`).
 *
 * @throws DefinitionError for what is neither.
 */
export function rangesOf(entries: readonly string[]): BlockList {
  const ranges = new BlockList()
  for (const entry of entries) {
    const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? []
    const family = isIP(address)
    const most = family === 4 ? 32 : 128
    const bits = length === undefined ? most : Number(length)
    if (family === 0 || bits > most) throw badRange(entry)
    ranges.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6')
  }
  return ranges
}

function badRange(entry: string): DefinitionError {
  return new DefinitionError({
    code: 'bad_address',
    message: `privateAddresses has ${JSON.stringify(entry)}. It takes addresses and ranges of them: "10.1.2.3", "10.0.0.0/8", "fd00::/8".`,
    details: { entry },
  })
}
