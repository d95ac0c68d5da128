import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { signAssertion } from './token-request.ts';

const pem = { type: 'pkcs8', format: 'pem' } as const;
const now = Date.UTC(2026, 0, 1);
const issuer = 'https://issuer.test';
const options = {
  issuer: 'me',
  subject: 'me',
  audience: issuer,
  currentDate: new Date(now),
  maxTokenAge: 60,
};

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });

test.each([
  ['ES256', ec('P-256')],
  ['ES384', ec('P-384')],
  ['ES512', ec('P-521')],
  ['EdDSA', generateKeyPairSync('ed25519')],
  ['RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
])('an assertion signed with %s holds for one issuer, one minute and one use', async (algorithm, pair) => {
  const key = pair.privateKey.export(pem).toString();
  const sign = () => signAssertion({ id: 'me', pem: key.replaceAll('\n', '\\n') }, issuer, now);
  const [first, second] = [await sign(), await sign()];
  const { protectedHeader, payload } = await jwtVerify(first, pair.publicKey, options);
  expect(protectedHeader).toEqual({ alg: algorithm });
  expect(payload.exp).toBe(now / 1000 + 60);
  expect((await jwtVerify(second, pair.publicKey, options)).payload.jti).not.toBe(payload.jti);
  const late = { ...options, currentDate: new Date(now + 61_000) };
  await expect(jwtVerify(first, pair.publicKey, late)).rejects.toThrow();
});

test('a key that cannot be used is refused without a word of it', async () => {
  const sign = (key: string) => signAssertion({ id: 'me', pem: key }, issuer, now);
  await expect(sign('-----BEGIN PRIVATE KEY----- sesame')).rejects.toThrow(
    /^oauth\.privateKey is not a private key/,
  );
  const other = ec('secp256k1').privateKey.export(pem).toString();
  await expect(sign(other)).rejects.toThrow('is a key of the kind ec; use EC P-256');
});
