/** Why a command did not do what it was asked, for the person who asked. Printed without a stack. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  /** 1: it failed. 2: it was called in a wrong way. */
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}
