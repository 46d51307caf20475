/** The words of the call are off, or what it names is not there: exit status 2, and the message without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
