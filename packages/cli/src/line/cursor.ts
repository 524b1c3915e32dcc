/** What gives a terminal its cursor back. */
export const SHOW_CURSOR = '\u001B[?25h'
