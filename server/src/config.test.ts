import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { operatorProviders } from './gateway/index.ts';

describe('configuration', () => {
  it('has a default for everything', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      port: 4400,
      host: '127.0.0.1',
      publicUrl: null,
      databaseUrl: null,
      demo: true,
      maxBodyBytes: 20 * 1024 * 1024,
      failClosed: false,
    });
    expect([...config.roles]).toEqual(['api', 'gateway', 'worker']);
  });

  it('takes blank variables as unset', () => {
    expect(readConfig({ PORT: ' ', DATABASE_URL: '', WHETSTONE_SECRET: '  ' })).toMatchObject({
      port: 4400,
      databaseUrl: null,
      secret: null,
    });
  });

  it.each([
    [{ PORT: 'http' }, /PORT is "http"/],
    [{ PORT: '70000' }, /0 to 65535/],
    [{ WHETSTONE_MAX_BODY_MB: '0' }, /WHETSTONE_MAX_BODY_MB/],
    [{ DATABASE_URL: 'localhost' }, /DATABASE_URL is "localhost"/],
    [{ WHETSTONE_OIDC_ISSUER: 'https://id.example.com' }, /WHETSTONE_OIDC_CLIENT_ID/],
  ])('names the variable that is wrong: %o', (env, message) => {
    expect(() => readConfig(env as Record<string, string>)).toThrow(message);
  });

  it('names the role that there is not', () => {
    expect(() => readConfig({}, ['--role=api,cook'])).toThrow(/--role=api,cook/);
    expect([...readConfig({}, ['--role=gateway']).roles]).toEqual(['gateway']);
  });

  it("reads an operator's credential by the names that the vendor's SDK has for it", () => {
    const plain = (prefix: string) => [{ secret: `${prefix}_API_KEY`, baseUrl: [`${prefix}_BASE_URL`] }];
    const config = readConfig({ OPENAI_API_KEY: 'sk-1', OLLAMA_BASE_URL: 'http://10.0.0.5:11434/v1', BROKEN_BASE_URL: 'nowhere' });
    const none = { settings: {}, sessionToken: null };
    expect(config.operatorCredential(plain('OPENAI'))).toEqual({ secret: 'sk-1', baseUrl: null, ...none });
    expect(config.operatorCredential(plain('OLLAMA'))).toEqual({ secret: null, baseUrl: 'http://10.0.0.5:11434/v1', ...none });
    expect(config.operatorCredential(plain('ANTHROPIC'))).toBeNull();
    expect(() => config.operatorCredential(plain('BROKEN'))).toThrow(/BROKEN_BASE_URL/);
  });

  it("takes AWS's and Azure's variables, an API key of Bedrock before access keys", () => {
    const sets = (id: string) => operatorProviders.find((provider) => provider.id === id)?.variables ?? [];
    const keys = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't', AWS_DEFAULT_REGION: 'eu-west-1' };
    expect(readConfig(keys).operatorCredential(sets('bedrock'))).toEqual({
      secret: 's',
      baseUrl: null,
      settings: { region: 'eu-west-1', access_key_id: 'AKIA' },
      sessionToken: 't',
    });
    expect(readConfig({ ...keys, AWS_BEARER_TOKEN_BEDROCK: 'b', AWS_REGION: 'us-east-1' }).operatorCredential(sets('bedrock'))).toEqual({
      secret: 'b',
      baseUrl: null,
      settings: { region: 'us-east-1' },
      sessionToken: null,
    });
    const azure = { AZURE_API_KEY: 'a', AZURE_RESOURCE_NAME: 'ours', OPENAI_API_VERSION: '2025-01-01-preview' };
    expect(readConfig(azure).operatorCredential(sets('azure'))).toMatchObject({
      secret: 'a',
      settings: { resource: 'ours', api_version: '2025-01-01-preview' },
    });
    const endpoint = { AZURE_OPENAI_API_KEY: 'a', AZURE_OPENAI_ENDPOINT: 'https://ours.openai.azure.com' };
    expect(readConfig(endpoint).operatorCredential(sets('azure'))).toMatchObject({ secret: 'a', baseUrl: 'https://ours.openai.azure.com' });
  });
});
