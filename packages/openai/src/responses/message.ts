import type { AssistantItem, Citation, ReplyItem } from '@reprise/core'
import type { ResponseOutputMessage, ResponseOutputText } from 'openai/resources/responses/responses'

/** What a message of a response says: words and refusals. */
export function toMessageItems({ content, phase }: ResponseOutputMessage): readonly ReplyItem[] {
  return content.flatMap((part): ReplyItem[] => {
    if (part.type === 'refusal') return [{ kind: 'refusal', text: part.refusal }]
    return part.text === '' ? [] : [words(part, phase)]
  })
}

function words({ text, annotations }: ResponseOutputText, phase: ResponseOutputMessage['phase']): AssistantItem {
  // Some servers leave the annotations out.
  const citations = (annotations ?? []).flatMap(toCitation)
  return { kind: 'assistant', text, ...(citations.length > 0 && { citations }), ...(phase && { phase }) }
}

function toCitation(annotation: ResponseOutputText['annotations'][number]): Citation[] {
  if (annotation.type === 'url_citation') return [{ kind: 'url', url: annotation.url, title: annotation.title }]
  // A path of a file is no source of words.
  if (annotation.type === 'file_path') return []
  return [{ kind: 'file', fileId: annotation.file_id, name: annotation.filename }]
}
