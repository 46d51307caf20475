/** What a credential of a provider has beside its secret and its base URL. */
export interface CredentialField {
  name: string;
  /** As shown to people. */
  label: string;
  hint: string;
  pattern: string;
  /** Without it there must be a base URL. */
  required: boolean;
  /** Decides where the secret is sent: with another value the secret must be given again. */
  moves: boolean;
}

const none: readonly CredentialField[] = [];

const fields: Readonly<Record<string, readonly CredentialField[]>> = Object.assign(
  Object.create(null) as Record<string, readonly CredentialField[]>,
  {
    azure: [
      {
        name: 'resource',
        label: 'Resource name',
        hint: 'The first part of https://RESOURCE.openai.azure.com; or give the endpoint as the base URL.',
        pattern: '[A-Za-z0-9][A-Za-z0-9\\-]{0,62}',
        required: true,
        moves: true,
      },
      {
        name: 'deployment',
        label: 'Deployment (optional)',
        hint: 'Every call goes to it. Without one, the model’s name is the name of the deployment.',
        pattern: '[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}',
        required: false,
        moves: false,
      },
      {
        name: 'api_version',
        label: 'API version (optional)',
        hint: '2024-10-21 unless given.',
        pattern: '\\d{4}-\\d{2}-\\d{2}(-preview)?',
        required: false,
        moves: false,
      },
    ],
    bedrock: [
      {
        name: 'region',
        label: 'Region',
        hint: 'Where the models run, such as us-east-1.',
        pattern: '[a-z]{2}(-[a-z]+)+-\\d{1,2}',
        required: true,
        moves: true,
      },
      {
        name: 'access_key_id',
        label: 'Access key id',
        hint: 'With it the secret is its secret access key; without it, an API key of Bedrock.',
        pattern: '[A-Z0-9]{16,128}',
        required: false,
        moves: false,
      },
    ],
  } satisfies Record<string, CredentialField[]>,
);

export function credentialFieldsOf(provider: string): readonly CredentialField[] {
  return fields[provider] ?? none;
}
