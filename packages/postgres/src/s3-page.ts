/** A page of a bucket's list, as far as it is needed. */
export interface ListPage {
  readonly objects: readonly { readonly key: string; readonly at: number }[]
  /** By which the next page is asked for; undefined for none. */
  readonly next: string | undefined
}

/**
 * Reads an answer to ListObjectsV2. It is XML without attributes that matter, and what is looked for in it has no other markup
 * inside; names of blobs have no characters that XML writes otherwise.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export function readPage(xml: string): ListPage {
  const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, content = '']) => ({
    key: textOf(content, 'Key') ?? '',
    at: Date.parse(textOf(content, 'LastModified') ?? ''),
  }))
  return { objects, next: textOf(xml, 'NextContinuationToken') }
}

function textOf(xml: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? []
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => ENTITIES[entity] ?? '')
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
