/**
 * What keeps the gateway from starting, in words for the person who starts it: `main` prints the sentence without a
 * stack. Not a `GatewayError`, which is made for clients. Never holds a secret.
 */
export class SetupProblem extends Error {
  override readonly name = 'SetupProblem'
}
