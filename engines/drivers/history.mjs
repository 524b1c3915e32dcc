// Histories of a workflow, event by event, as Temporal's server keeps them.

/** Values as Temporal's default converter writes them. */
const payloads = (values) => ({
  payloads: values.map((value) => ({
    metadata: { encoding: base64(value === undefined ? 'binary/null' : 'json/plain') },
    data: value === undefined ? '' : base64(JSON.stringify(value)),
  })),
})
const base64 = (text) => Buffer.from(text).toString('base64')

export class HistoryOf {
  events = []
  #activities = 0
  #scheduled = 0
  #task = 0

  constructor(type, args) {
    this.#add('WORKFLOW_EXECUTION_STARTED', {
      workflowType: { name: type },
      taskQueue: { name: 'desk', kind: 'TASK_QUEUE_KIND_NORMAL' },
      input: payloads(args),
      workflowTaskTimeout: '10s',
      originalExecutionRunId: 'run-1',
      firstExecutionRunId: 'run-1',
      attempt: 1,
    })
    this.#works()
  }

  /** The workflow asks for an activity. */
  asks(name, args) {
    this.#activities += 1
    this.#scheduled = this.#add('ACTIVITY_TASK_SCHEDULED', {
      activityId: String(this.#activities),
      activityType: { name },
      taskQueue: { name: 'desk', kind: 'TASK_QUEUE_KIND_NORMAL' },
      input: payloads(args),
      startToCloseTimeout: '3600s',
      heartbeatTimeout: '10s',
      workflowTaskCompletedEventId: String(this.#task),
    })
    return this
  }

  /** The activity that was asked for last gives something. */
  gives(result) {
    const scheduledEventId = String(this.#scheduled)
    const startedEventId = String(this.#add('ACTIVITY_TASK_STARTED', { scheduledEventId, attempt: 1 }))
    this.#add('ACTIVITY_TASK_COMPLETED', { scheduledEventId, startedEventId, result: payloads([result]) })
    return this.#works()
  }

  /** A signal comes. */
  told(signalName) {
    this.#add('WORKFLOW_EXECUTION_SIGNALED', { signalName, input: payloads([]) })
    return this.#works()
  }

  /** Somebody cancels the workflow. */
  cancelled() {
    this.#add('WORKFLOW_EXECUTION_CANCEL_REQUESTED', { cause: '' })
    return this.#works()
  }

  completes(output) {
    this.#add('WORKFLOW_EXECUTION_COMPLETED', {
      result: payloads([output]),
      workflowTaskCompletedEventId: String(this.#task),
    })
    return this
  }

  endsCancelled() {
    this.#add('WORKFLOW_EXECUTION_CANCELED', { workflowTaskCompletedEventId: String(this.#task) })
    return this
  }

  /** The workflow's code runs. */
  #works() {
    const taskQueue = { name: 'desk', kind: 'TASK_QUEUE_KIND_NORMAL' }
    const scheduledEventId = String(this.#add('WORKFLOW_TASK_SCHEDULED', { taskQueue, attempt: 1 }))
    const startedEventId = String(this.#add('WORKFLOW_TASK_STARTED', { scheduledEventId }))
    this.#task = this.#add('WORKFLOW_TASK_COMPLETED', { scheduledEventId, startedEventId })
    return this
  }

  #add(type, attributes) {
    const eventId = this.events.length + 1
    const name = type.toLowerCase().replaceAll(/_(\w)/g, (_, letter) => letter.toUpperCase())
    this.events.push({
      eventId: String(eventId),
      eventTime: new Date(1_790_000_000_000 + eventId * 1_000).toISOString(),
      eventType: `EVENT_TYPE_${type}`,
      [`${name}EventAttributes`]: attributes,
    })
    return eventId
  }
}
