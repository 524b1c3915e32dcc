/** What `continueAs` throws: the run ends with it. It is no error, and passes through what collects errors. */
export class Continue {
  readonly input: unknown

  constructor(input: unknown) {
    this.input = input
  }
}
