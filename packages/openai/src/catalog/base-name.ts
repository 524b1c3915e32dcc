/**
 * The names under which a model may be listed, the closest first: its own, that of its family without the date of a
 * snapshot, and for a fine-tuned one (`ft:gpt-4.1-mini-2025-04-14:acme::id`) `ft:` and the model it was made from.
 */
export function listedNames(model: string): readonly string[] {
  const [head = '', base = ''] = model.split(':')
  const name = head === 'ft' ? `ft:${base}` : model
  return [name, name.replace(/-\d{4}-\d{2}-\d{2}$/, '')]
}

/** The same names, a fine-tuned model by that of the one it was made from. */
export function familyNames(model: string): readonly string[] {
  return listedNames(model).map((name) => name.replace(/^ft:/, ''))
}
