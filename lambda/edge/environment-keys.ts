/**
 * Takes the place of the SDK's own search for credentials in every bundle (`lib/build-function.ts`): Lambda puts a function's keys
 * into its environment, and the other places where the SDK would look bring four more clients with them. The name of the
 * error is the SDK's.
 */
export const defaultProvider = () => async () => {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = process.env;
  if (accessKeyId && secretAccessKey)
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  throw Object.assign(
    new Error(
      'Expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, as Lambda sets them.',
    ),
    { name: 'CredentialsProviderError' },
  );
};
