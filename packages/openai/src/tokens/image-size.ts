/** Width and height in pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** How many bytes of a picture may stand before its size: a JPEG carries a preview there. */
const HEAD_CHARACTERS = 100_000

/**
 * The size of a picture in a `data:` address, by the first bytes of PNG, GIF, WebP and JPEG.
 *
 * @returns undefined where it cannot be told.
 */
export function imageSize(url: string): Size | undefined {
  const [, base64] = /^data:image\/[\w.+-]+;base64,/.exec(url) ? url.split(',', 2) : []
  if (base64 === undefined) return undefined
  const bytes = Buffer.from(base64.slice(0, HEAD_CHARACTERS), 'base64')
  try {
    return png(bytes) ?? gif(bytes) ?? webp(bytes) ?? jpeg(bytes)
  } catch {
    // It ends too early.
    return undefined
  }
}

function png(bytes: Buffer): Size | undefined {
  if (bytes.toString('latin1', 1, 4) !== 'PNG') return undefined
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

function gif(bytes: Buffer): Size | undefined {
  if (bytes.toString('latin1', 0, 3) !== 'GIF') return undefined
  return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }
}

/** Its three forms put the size in three places. */
function webp(bytes: Buffer): Size | undefined {
  if (bytes.toString('latin1', 8, 12) !== 'WEBP') return undefined
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 }
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff }
    default:
      return undefined
  }
}

/** Walks the segments to the one that begins a frame. */
function jpeg(bytes: Buffer): Size | undefined {
  if (bytes.readUInt16BE(0) !== 0xff_d8) return undefined
  for (let at = 2; at < bytes.length;) {
    const marker = bytes.readUInt8(at + 1)
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (frame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) }
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}
