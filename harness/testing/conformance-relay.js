import { request } from 'node:http';
import { text } from 'node:stream/consumers';

// The official conformance suite starts a client as a command, once a scenario. This one hands the scenario to the test that
// started the suite, which plays the client: a process for each would load the whole harness each time. Plain
// JavaScript, as it is started two dozen times; loading `fetch` alone takes longer than the rest of this.
const [port = '', url = ''] = process.argv.slice(2);
const { MCP_CONFORMANCE_SCENARIO: scenario, MCP_CONFORMANCE_CONTEXT: context = '{}' } = process.env;
const handing = request({ host: '127.0.0.1', port, method: 'POST' }, async (response) => {
  console.error(await text(response));
  process.exitCode = response.statusCode === 200 ? 0 : 1;
});
handing.end(JSON.stringify({ scenario, url, context: JSON.parse(context) }));
