/** Looks things up on the web. */
export interface WebSearch {
  readonly kind: 'web-search'
  /** The only sites to look at, without `https://`. @default all */
  readonly domains?: readonly string[]
  /** How much of what is found the model reads. @default 'medium' */
  readonly contextSize?: 'low' | 'medium' | 'high'
}

/** Looks things up in files that were given to the service. */
export interface FileSearch {
  readonly kind: 'file-search'
  readonly vectorStoreIds: readonly string[]
  /** 1 to 50. */
  readonly maxResults?: number
}

/** Runs Python that the model writes, in a container of the service. */
export interface CodeInterpreter {
  readonly kind: 'code-interpreter'
  /** Uploaded files that the code may read. */
  readonly fileIds?: readonly string[]
}

/**
 * Calls the tools of a remote MCP server, without asking anybody: only those that are named here.
 * What the server must be told to let the service in is no part of a definition, since a definition is journaled.
 */
export interface RemoteMcp {
  readonly kind: 'mcp'
  /** Names the server within the agent. */
  readonly label: string
  readonly url: string
  readonly description?: string
  readonly tools: readonly string[]
}

/**
 * A tool that the model's service carries out itself. The runtime sees what it did, but cannot govern it: rules,
 * approvals and effects do not reach it, and an ask that is repeated carries it out again.
 */
export type HostedTool = WebSearch | FileSearch | CodeInterpreter | RemoteMcp
