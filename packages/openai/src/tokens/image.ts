import type { ImagePart } from '@reprise/core'
import { familyNames } from '../catalog/base-name.ts'
import { imageSize, type Size } from './image-size.ts'

/** How a model counts a picture: in patches of 32 pixels, or in tiles of 512. */
type Counting =
  | { readonly by: 'patches'; readonly times: number }
  | { readonly by: 'tiles'; readonly base: number; readonly tile: number }

/**
 * How models count pictures, as of 2026-11-22.
 *
 * @see https://platform.openai.com/docs/guides/images-vision
 */
const counting: Readonly<Record<string, Counting>> = {
  'gpt-4.1-mini': { by: 'patches', times: 1.62 },
  'gpt-4.1-nano': { by: 'patches', times: 2.46 },
  'gpt-5-mini': { by: 'patches', times: 1.62 },
  'o4-mini': { by: 'patches', times: 1.72 },
  'gpt-4.1': { by: 'tiles', base: 85, tile: 170 },
  'gpt-4o': { by: 'tiles', base: 85, tile: 170 },
  'gpt-4o-mini': { by: 'tiles', base: 2833, tile: 5667 },
  o3: { by: 'tiles', base: 75, tile: 150 },
}

/** What is known of no model is counted as the dearest kind of patches. */
const OTHER: Counting = { by: 'patches', times: 2.46 }

const PATCH = 32
const MOST_PATCHES = 1_536

/** What patches cost besides themselves; fitted to recorded usage. */
const FRAME = 1

/** As many tiles as the largest picture has, once it is scaled. */
const MOST_TILES = 8

/** The tokens of a picture. One whose size cannot be told counts as the largest. */
export function imageTokens({ url, detail }: ImagePart, model: string): number {
  const known = familyNames(model)
    .map((name) => counting[name])
    .find((one) => one !== undefined)
  const how = known ?? OTHER
  const size = url === undefined ? undefined : imageSize(url)
  if (how.by === 'patches') return FRAME + Math.ceil(how.times * (size ? patches(size) : MOST_PATCHES))
  if (detail === 'low') return how.base
  return how.base + how.tile * (size ? tiles(size) : MOST_TILES)
}

/** Patches that cover a picture, scaled down until they are few enough, in whole patches along one side. */
export function patches({ width, height }: Size): number {
  const raw = cover(width) * cover(height)
  if (raw <= MOST_PATCHES) return raw
  const ratio = Math.sqrt((PATCH ** 2 * MOST_PATCHES) / (width * height))
  const across = (width * ratio) / PATCH
  const down = (height * ratio) / PATCH
  const fit = ratio * Math.min(Math.floor(across) / across, Math.floor(down) / down)
  return cover(width * fit) * cover(height * fit)
}

function cover(pixels: number): number {
  // A side that was scaled to whole patches may stand a hair above them.
  return Math.ceil(pixels / PATCH - 1e-9)
}

/** Tiles that cover a picture once it fits into 2,048 pixels and its shorter side into 768. */
export function tiles({ width, height }: Size): number {
  const fit = Math.min(1, 2048 / Math.max(width, height))
  const short = Math.min(1, 768 / (Math.min(width, height) * fit))
  const scale = fit * short
  return Math.ceil((width * scale) / 512 - 1e-9) * Math.ceil((height * scale) / 512 - 1e-9)
}
