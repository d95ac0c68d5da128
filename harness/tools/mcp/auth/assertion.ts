import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { UsageError } from '../../../errors.ts';

/** The curves of ES256, ES384 and ES512, by Node's names of them (RFC 7518, section 3.4). */
const ofCurve: Record<string, string> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };

/** Seconds for which an assertion holds: it is used at once, and clocks differ. */
const lifeSeconds = 60;

/**
 * Proves to be a client with a private key: a signed JWT for one request to one authorization server (RFC 7523, section 2.2).
 * `pem` is the key in PKCS #8; its kind decides how it is signed. `now` is in milliseconds since 1970. Throws a `UsageError` for
 * a key that cannot be used, and quotes nothing of it.
 */
export async function signAssertion(
  { id, pem }: { id: string; pem: string },
  issuer: string,
  now: number,
): Promise<string> {
  const key = readKey(pem);
  const seconds = Math.floor(now / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg: algorithmOf(key) })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(issuer)
    .setJti(randomUUID())
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + lifeSeconds)
    .sign(key);
}

function readKey(pem: string): KeyObject {
  try {
    // A variable often has its line ends written as \n.
    return createPrivateKey(pem.replaceAll('\\n', '\n'));
  } catch {
    // What the parser says is of no help, and the key is a secret.
    throw new UsageError('oauth.privateKey is not a private key in PEM (-----BEGIN PRIVATE KEY-----).');
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  const curve = ofCurve[asymmetricKeyDetails?.namedCurve ?? ''];
  if (asymmetricKeyType === 'ec' && curve !== undefined) return curve;
  if (asymmetricKeyType === 'rsa') return 'RS256';
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  throw new UsageError(
    `oauth.privateKey is a key of the kind ${asymmetricKeyType}; use EC P-256, P-384 or P-521, RSA or Ed25519.`,
  );
}
