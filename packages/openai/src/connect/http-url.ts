/** Tells whether a text is an address that requests can go to: `localhost:8080` is one of a scheme "localhost:". */
export function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
