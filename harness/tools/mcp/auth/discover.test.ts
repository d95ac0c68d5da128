import { expect, test } from 'vitest';
import { findStrayEndpoint } from './discover.ts';

const issuer = 'https://issuer.test';
const usual = {
  authorization_endpoint: 'https://people.test/authorize',
  token_endpoint: `${issuer}/token`,
  registration_endpoint: `${issuer}/register`,
};

test.each([
  ['token_endpoint', 'http://127.0.0.1:9000/admin'],
  ['token_endpoint', 'https://localhost/admin'],
  ['authorization_endpoint', 'http://[::1]:8080/delete-all'],
  ['registration_endpoint', 'http://127.9.9.9/'],
])('an issuer elsewhere cannot have the %s at %s', (name, address) => {
  expect(findStrayEndpoint(issuer, { ...usual, [name]: address })).toBe(name);
});

test('endpoints elsewhere, or of an issuer on this machine, are let pass', () => {
  expect(findStrayEndpoint(issuer, usual)).toBeUndefined();
  expect(findStrayEndpoint(issuer, { ...usual, registration_endpoint: undefined })).toBeUndefined();
  const here = 'http://127.0.0.1:9000';
  expect(findStrayEndpoint(here, { ...usual, token_endpoint: `${here}/token` })).toBeUndefined();
});
