export { httpGet } from './http-get.ts'
export { httpPost } from './http-post.ts'
export type { HttpOptions } from './options.ts'
export type { Resolve } from './policy.ts'
