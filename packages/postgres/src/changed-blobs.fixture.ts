import type { BlobStore } from './blob-store.ts'

/** A place that does what it is told to first; what that throws, it fails with. */
export function changed(blobs: BlobStore, before: Partial<Record<'put' | 'get' | 'delete', () => unknown>>): BlobStore {
  return {
    put: async (name, bytes) => {
      await before.put?.()
      await blobs.put(name, bytes)
    },
    get: async (name) => {
      await before.get?.()
      return blobs.get(name)
    },
    delete: async (names) => {
      await before.delete?.()
      await blobs.delete(names)
    },
    list: () => blobs.list(),
  }
}
