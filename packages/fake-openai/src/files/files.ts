import type { Clock } from '@reprise/core'
import { ApiError, missing, wrongValue } from '../http/api-error.ts'
import type { Upload } from '../http/form.ts'
import type { Listed } from '../lists/page.ts'

/** What files may be uploaded for. */
const purposes = ['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals']

const DAY_MS = 86_400_000

/** What a batch reads and writes is kept so long. */
const BATCH_FILES_MS = 30 * DAY_MS

/** A file as the platform describes it. */
interface FileObject extends Listed {
  readonly object: 'file'
  readonly bytes: number
  readonly created_at: number
  readonly expires_at: number | null
  readonly filename: string
  readonly purpose: string
  readonly status: 'processed'
  readonly status_details: null
}

/** A file that is to be kept. */
interface NewFile {
  readonly id: string
  readonly filename: string
  readonly purpose: string
  readonly content: Buffer
  readonly at: number
}

interface StoredFile {
  readonly object: FileObject
  readonly content: Buffer
  readonly goneAt: number
}

/** The files of a fake, until they are deleted, expire or the server ends. */
export class Files {
  readonly #clock: Clock
  readonly #files = new Map<string, StoredFile>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @throws ApiError where its purpose is none. */
  upload(id: string, { filename, bytes, fields }: Upload): FileObject {
    const { purpose } = fields
    if (purpose === undefined) throw missing('purpose')
    if (!purposes.includes(purpose)) throw wrongValue('purpose', purpose, purposes)
    return this.add({ id, filename, purpose, content: bytes, at: this.#clock.now() })
  }

  /** Keeps a file as of a moment in milliseconds since 1970. */
  add({ id, filename, purpose, content, at }: NewFile): FileObject {
    const goneAt = purpose.startsWith('batch') ? at + BATCH_FILES_MS : Infinity
    const object: FileObject = {
      object: 'file',
      id,
      purpose,
      filename,
      bytes: content.length,
      created_at: Math.floor(at / 1000),
      expires_at: goneAt === Infinity ? null : Math.floor(goneAt / 1000),
      status: 'processed',
      status_details: null,
    }
    this.#files.set(id, { object, content, goneAt })
    return object
  }

  list(purpose: string | null): FileObject[] {
    const there = [...this.#files.keys()].flatMap((id) => this.#find(id)?.object ?? [])
    return there.filter((file) => purpose === null || file.purpose === purpose)
  }

  has(id: string): boolean {
    return this.#find(id) !== undefined
  }

  /** @throws ApiError where there is no such file. */
  describe(id: string): FileObject {
    return this.#get(id).object
  }

  /** @throws ApiError where there is no such file. */
  content(id: string): Buffer {
    return this.#get(id).content
  }

  /** @throws ApiError where there is no such file. */
  delete(id: string): object {
    this.#get(id)
    this.#files.delete(id)
    return { object: 'file', deleted: true, id }
  }

  #get(id: string): StoredFile {
    const found = this.#find(id)
    if (found) return found
    throw new ApiError(`No such File object: ${id}`, { status: 404, param: 'id' })
  }

  #find(id: string): StoredFile | undefined {
    const found = this.#files.get(id)
    if (!found || this.#clock.now() < found.goneAt) return found
    this.#files.delete(id)
    return undefined
  }
}
