// The official conformance suite starts a client as a command, once a scenario. This one hands the scenario to the test that
// started the suite, which plays the client: a process for each would load the whole harness each time.
const [port = '', url = ''] = process.argv.slice(2);
const { MCP_CONFORMANCE_SCENARIO: scenario, MCP_CONFORMANCE_CONTEXT: context = '{}' } = process.env;
const response = await fetch(`http://127.0.0.1:${port}`, {
  method: 'POST',
  body: JSON.stringify({ scenario, url, context: JSON.parse(context) }),
});
console.error(await response.text());
process.exitCode = response.ok ? 0 : 1;
