import { own } from '../script/own.ts'

/** What a model makes of a picture: patches of 32 pixels, each so many tokens, or tiles of 512 on top of a base. */
type Counting = { readonly patch: number } | { readonly base: number; readonly tile: number }

/**
 * How the families of models count pictures; what is not listed counts as the dearest kind of patches.
 *
 * @see https://platform.openai.com/docs/guides/images-vision
 */
const countings: Readonly<Record<string, Counting>> = {
  'gpt-4.1-mini': { patch: 1.62 },
  'gpt-4.1': { base: 85, tile: 170 },
  'gpt-4o': { base: 85, tile: 170 },
  'gpt-4o-mini': { base: 2833, tile: 5667 },
}
const DEAREST = { patch: 2.46 }

const MOST_PATCHES = 1536

/** Width and height in pixels. */
type Size = readonly [width: number, height: number]

/**
 * The tokens of a picture. Its size is read from a `data:` address with a PNG or a JPEG; any other picture counts as
 * one of the largest.
 */
export function imageTokens(url: string, detail: string | null | undefined, family: string): number {
  const counting = own(countings, family) ?? DEAREST
  const size = sizeOf(url) ?? [2048, 768]
  if ('patch' in counting) return 1 + Math.ceil(patches(size) * counting.patch)
  return counting.base + (detail === 'low' ? 0 : tiles(size) * counting.tile)
}

/** Patches that cover it; where they are too many it is shrunk to whole patches along one side. */
function patches([width, height]: Size): number {
  const raw = cover(width, 32) * cover(height, 32)
  if (raw <= MOST_PATCHES) return raw
  const ratio = Math.sqrt((32 * 32 * MOST_PATCHES) / (width * height))
  const [across, down] = [(width * ratio) / 32, (height * ratio) / 32]
  const fit = ratio * Math.min(Math.floor(across) / across, Math.floor(down) / down)
  return cover(width * fit, 32) * cover(height * fit, 32)
}

/** Tiles that cover it once it fits into 2,048 pixels and its shorter side into 768. */
function tiles([width, height]: Size): number {
  const fit = Math.min(1, 2048 / Math.max(width, height))
  const scale = fit * Math.min(1, 768 / (Math.min(width, height) * fit))
  return cover(width * scale, 512) * cover(height * scale, 512)
}

function cover(pixels: number, unit: number): number {
  return Math.ceil(pixels / unit - 1e-9)
}

function sizeOf(url: string): Size | undefined {
  const [, base64 = ''] = /^data:image\/[\w.+-]+;base64,(.*)/s.exec(url) ?? []
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length > 24 && bytes.toString('latin1', 1, 4) === 'PNG')
    return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
  return bytes.length > 4 && bytes.readUInt16BE(0) === 0xff_d8 ? jpegSize(bytes) : undefined
}

/** Walks the segments of a JPEG to the one that begins a frame. */
function jpegSize(bytes: Buffer): Size | undefined {
  for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes.readUInt8(at + 1)
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)]
  }
  return undefined
}
