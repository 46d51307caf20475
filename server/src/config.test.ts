import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

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

  it('reads an operator credential by its prefix', () => {
    const config = readConfig({ OPENAI_API_KEY: 'sk-1', OLLAMA_BASE_URL: 'http://10.0.0.5:11434/v1', BROKEN_BASE_URL: 'nowhere' });
    expect(config.operatorCredential('OPENAI')).toEqual({ secret: 'sk-1', baseUrl: null });
    expect(config.operatorCredential('OLLAMA')).toEqual({ secret: null, baseUrl: 'http://10.0.0.5:11434/v1' });
    expect(config.operatorCredential('ANTHROPIC')).toBeNull();
    expect(() => config.operatorCredential('BROKEN')).toThrow(/BROKEN_BASE_URL/);
  });
});
