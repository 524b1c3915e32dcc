/** Codes by status, for servers that give none. */
const codes: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  401: 'invalid_api_key',
  403: 'forbidden',
  404: 'not_found',
  408: 'timeout',
  409: 'conflict',
  429: 'rate_limit_exceeded',
  503: 'server_is_overloaded',
}

/** The code of a failure of which only a status is known. */
export function codeOfStatus(status: number): string {
  return codes[status] ?? (status >= 500 ? 'server_error' : 'refused')
}
