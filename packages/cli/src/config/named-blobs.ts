import { resolve } from 'node:path'
import { DefinitionError } from '@reprise/core'
import type { BlobStore } from '@reprise/postgres'
import type { Io } from '../line/io.ts'

/**
 * The place of the large bodies of a store on Postgres, as `REPRISE_BLOBS` names it: a folder, or a bucket of S3, whose
 * credentials stand in the environment as those of AWS do.
 *
 * @returns undefined where it names none.
 * @throws DefinitionError with code `bad_blobs`, or `bad_argument`, for what is no place.
 */
export async function blobsOf(io: Io): Promise<BlobStore | undefined> {
  const { env } = io
  const name = env['REPRISE_BLOBS']?.trim() ?? ''
  if (name === '') return undefined
  const { folder, s3 } = await import('@reprise/postgres')
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(name)) return folder(resolve(io.cwd(), name))
  const url = URL.parse(name)
  if (url?.protocol !== 's3:')
    throw badBlobs('names no place', 'Give a folder, or a bucket as s3://BUCKET/PREFIX?region=REGION&endpoint=URL')
  if (url.username !== '' || url.password !== '')
    throw badBlobs('has credentials in it', 'Put them into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: token } = env
  if (!accessKeyId || !secretAccessKey)
    throw badBlobs('names a bucket, and nothing says who asks', 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  const region = url.searchParams.get('region') ?? env['AWS_REGION']
  const endpoint = url.searchParams.get('endpoint') ?? env['AWS_ENDPOINT_URL_S3']
  return s3({
    bucket: url.hostname,
    prefix: decodeURIComponent(url.pathname.slice(1)),
    credentials: { accessKeyId, secretAccessKey, ...(token ? { sessionToken: token } : {}) },
    ...(region ? { region } : {}),
    ...(endpoint ? { endpoint } : {}),
  })
}

function badBlobs(what: string, remedy: string): DefinitionError {
  return new DefinitionError({ code: 'bad_blobs', message: `REPRISE_BLOBS ${what}. ${remedy}.` })
}
