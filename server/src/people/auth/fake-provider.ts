import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export interface Claims {
  sub: string;
  email: string;
  email_verified: boolean;
  name: string;
}

/** An OpenID provider on loopback: it signs in whoever `next` says. */
export async function startProvider(): Promise<{
  issuer: string;
  next: Claims;
  forge: boolean;
  requests: string[];
  close(): Promise<void>;
}> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const forger = await generateKeyPair('RS256');
  const codes = new Map<string, { claims: Claims; nonce: string | null }>();
  const state = {
    issuer: '',
    next: { sub: '1', email: 'x@example.com', email_verified: true, name: 'X' },
    /** Sign with a key that is not published. */
    forge: false,
    requests: [] as string[],
    close: async (): Promise<void> => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', state.issuer);
    state.requests.push(url.pathname);
    const json = (body: object): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.pathname === '/.well-known/openid-configuration') {
      json({
        issuer: state.issuer,
        authorization_endpoint: `${state.issuer}/authorize`,
        token_endpoint: `${state.issuer}/token`,
        jwks_uri: `${state.issuer}/jwks`,
        id_token_signing_alg_values_supported: ['RS256'],
      });
    } else if (url.pathname === '/jwks') {
      void exportJWK(publicKey).then((jwk) => json({ keys: [{ ...jwk, kid: 'k', alg: 'RS256', use: 'sig' }] }));
    } else if (url.pathname === '/authorize') {
      const code = randomUUID();
      codes.set(code, { claims: state.next, nonce: url.searchParams.get('nonce') });
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('code', code);
      back.searchParams.set('state', url.searchParams.get('state') ?? '');
      response.writeHead(302, { location: back.href }).end();
    } else if (url.pathname === '/token') {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        const found = codes.get(new URLSearchParams(text).get('code') ?? '');
        if (found === undefined) return void response.writeHead(400).end('{}');
        codes.clear();
        void new SignJWT({ ...found.claims, ...(found.nonce === null ? {} : { nonce: found.nonce }) })
          .setProtectedHeader({ alg: 'RS256', kid: 'k' })
          .setIssuer(state.issuer)
          .setAudience('whetstone')
          .setIssuedAt()
          .setExpirationTime('5m')
          .sign(state.forge ? forger.privateKey : privateKey)
          .then((token) => json({ access_token: 'at', token_type: 'Bearer', expires_in: 300, id_token: token }));
      });
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}
