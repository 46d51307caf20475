import { AppError } from '@whetstone/contract';

/** What was thrown on the way to an answer, as an error that a door can say. */
export function toAppError(error: unknown, unexpected: (error: unknown) => void): AppError {
  if (error instanceof AppError) return error;
  const status = error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  if (status === 413) return new AppError('too_large', 'The request body is larger than this server accepts (WHETSTONE_MAX_BODY_MB).');
  if (error instanceof Error && error.name === 'StoreUnavailableError')
    return new AppError('unavailable', `${error.message} Try again shortly.`, { cause: error, retryAfterSeconds: 2 });
  if (status >= 400 && status < 500 && error instanceof Error) return new AppError('bad_request', error.message);
  unexpected(error);
  return new AppError('internal', 'Something went wrong in Whetstone itself. The server log has the details.', { cause: error });
}
