/** A reason not to start that a person can act on: its message is the whole answer, and no stack trace helps. */
export class CannotStart extends Error {}
