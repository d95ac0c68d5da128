/** Independent measurements, and what is played of each. A table: as long as there are measurements. */
import type { Ratio, Requests } from './agreement.ts';

/** What is compared, of classic and of code, before one is divided by the other. */
export const quantities = {
  input: 'input tokens of all requests',
  cost: 'cost, with prompt caching, from a cold cache',
  warm: 'cost, with prompt caching, tools and system prompt cached before',
  requests: 'requests to the model',
} as const;
type Quantity = keyof typeof quantities;

/** A scenario that comes along, at parameters and in two variants that come nearest to a measurement. */
export type Play = {
  scenario: string;
  params: Record<string, number>;
  classic: string;
  code: string;
  model: string;
};

/** Where a measurement was published, and what it was made with. */
type Source = { name: string; where: string; date: string; conditions: string };

/** What a client sends of its own in both patterns, in tokens: with each request, and once a run, as the source shows it. */
type Client = { eachRequest: number; eachRun: number };

/** An independent measurement. Ratios are code divided by classic. Only figures are carried over. */
export type Measurement = {
  source: Source;
  name: string;
  /** Their figure as they say it, where that is not the ratio itself. */
  said?: string;
  /** Several plays are a range: the source does not give its workload. */
  played?: { quantity: Quantity; ratio: Ratio; plays: Play[]; as: string; client?: Client };
  /** Requests that theirs took, where they are known. */
  requests?: Requests;
  /** Whether the source itself shows why the figures differ. What it does not show is left standing. */
  shown?: true;
  /** One sentence: why the figures differ, or why it cannot be played. */
  why: string;
};

const paper: Source = {
  name: 'The Bitter Lesson of Tool Calling',
  where: 'arXiv 2608.06370',
  date: '2026-08-06',
  conditions: '14 models, BFCL v4; tools are stubs that echo their arguments',
};
const provider: Source = {
  name: 'Programmatic tool calling',
  where: 'documentation of the Messages API, as cited by codemode-lab',
  date: '2026-09-22',
  conditions: 'the provider’s own agents; tasks are not published',
};
const lab: Source = {
  name: 'codemode-lab',
  where: 'github.com/ondraulehla/codemode-lab, results/summary-2026-09-22T19-21-18-555Z.json',
  date: '2026-09-22',
  conditions: 'claude-sonnet-5, one DeepWiki tool, five runs an arm',
};
const tempo: Source = {
  name: 'tempo-evals',
  where: 'github.com/tempoxyz/tempo-evals, results/tempo-mcp-bench-v1',
  date: '2026-07-12 and 2026-07-15',
  conditions: 'claude-sonnet-5 in Claude Code, 12 tasks, one run an arm',
};
const stella: Source = {
  name: 'stella',
  where: 'github.com/CherryHQ/stella, pull requests 1123 and 1169',
  date: '2026-08-24',
  conditions: 'gpt-5.6-luna (1123) and gpt-5.6-sol (1169), one run an arm',
};
const axi: Source = {
  name: 'AXI',
  where: 'github.com/kunchenguid/axi, bench-github/published-results',
  date: '2026-03-21',
  conditions: 'claude-sonnet-4-6 in Claude Code, 44 GitHub tools, medians of five runs',
};

const reads = (
  params: { calls: number; bytes: number; tools: number },
  more: Partial<Omit<Play, 'params'>> = {},
): Play => ({
  scenario: 'parametric',
  params,
  classic: 'classic',
  code: 'code-typed',
  model: 'claude-sonnet-5',
  ...more,
});

/** The workloads of a source that gives none: few and many calls, small and large results. */
const unpublished = (tools: readonly number[]): Play[] =>
  tools.flatMap((count) =>
    [2, 20].flatMap((calls) => [200, 5000].map((bytes) => reads({ calls, bytes, tools: count }))),
  );

/** The number of parallel calls from which code took fewer tokens, and what is played of it. */
export const breakEven = {
  source: paper,
  theirs: 26,
  most: 100,
  play: (calls: number): Play => reads({ calls, bytes: 100, tools: 1 }),
  rows: [
    {
      counted: 'asked',
      name: 'parallel calls from which code takes fewer tokens, up to the calls',
      as: 'one tool, 100 bytes a result; definitions, task and what asks for the calls, as the paper has no further turn',
      why: 'Our program loops over numbers, so it does not grow with the calls; the paper’s scripts write out the arguments of each.',
    },
    {
      counted: 'job',
      name: 'the same, as a whole job',
      as: 'the same with results and all requests, no caching',
      why: 'Results and further requests count here, which the paper leaves out; both make calls dearer.',
    },
  ],
} as const;

const general: Measurement[] = [
  {
    source: provider,
    name: 'agent with 75 tools',
    said: '−37 to −38 % billed input',
    played: {
      quantity: 'input',
      ratio: { value: 0.625, low: 0.62, high: 0.63 },
      plays: unpublished([75]),
      as: '75 tools; 2 and 20 calls of 200 and 5,000 bytes',
    },
    why: 'Calls and sizes are not published, and the ratio depends on them; a range that holds theirs confirms nothing.',
  },
  {
    source: provider,
    name: 'requests with 10 to 49 tools',
    said: '−20 to −40 % input',
    played: {
      quantity: 'input',
      ratio: { value: 0.7, low: 0.6, high: 0.8 },
      plays: unpublished([10, 49]),
      as: '10 and 49 tools; the same calls and sizes',
    },
    why: 'The workload is not published here either.',
  },
  {
    source: provider,
    name: 'τ²-bench, one or two calls a turn',
    said: '+8 % cost',
    played: {
      quantity: 'cost',
      ratio: { value: 1.08 },
      plays: [1, 2].map((calls) => reads({ calls, bytes: 1000, tools: 15 })),
      as: '15 tools; 1 and 2 calls of 1,000 bytes',
    },
    why: 'A turn there stands in a long dialogue with a policy, which both patterns pay for; ours is the turn alone.',
  },
  {
    source: lab,
    name: 'structure-rank: 4 calls, 4.4 KiB in all',
    said: '−35 % input',
    played: {
      quantity: 'input',
      ratio: { value: 0.649, low: 0.643, high: 0.65 },
      plays: [reads({ calls: 4, bytes: 1114, tools: 1 })],
      client: { eachRequest: 558, eachRun: 1023 },
      as: '4 calls of 1,114 bytes, one tool',
    },
    why: 'Their calls and results added 3,071 tokens to the prompt, more than ours of as many bytes; outlines take more tokens than words.',
  },
  {
    source: lab,
    name: 'outline-leaves: 1 call, 1 KiB',
    said: '−1 % input',
    played: {
      quantity: 'input',
      ratio: { value: 0.995, low: 0.994, high: 0.996 },
      plays: [reads({ calls: 1, bytes: 1030, tools: 1 })],
      client: { eachRequest: 524, eachRun: 990 },
      as: '1 call of 1,030 bytes, one tool',
    },
    why: 'The server’s instructions are not in ours; our description of run_code and of a typed result is longer.',
  },
  {
    source: lab,
    name: 'topic-overlap: 7 calls, 9 KiB in all',
    said: '−3 % input',
    played: {
      quantity: 'input',
      ratio: { value: 0.974, low: 0.945, high: 0.976 },
      plays: [reads({ calls: 7, bytes: 1318, tools: 1 })],
      client: { eachRequest: 570, eachRun: 1033 },
      as: '7 calls of 1,318 bytes, one tool',
    },
    shown: true,
    why: 'Their programs put nearly as much into the second request as raw results do: 7,596 tokens against 7,835. Ours returns a sum.',
  },
  {
    source: lab,
    name: 'one-big-payload, result read in the window (A-raw)',
    said: '−97 % input, 28 times cheaper',
    played: {
      quantity: 'input',
      ratio: { value: 0.0324, low: 0.0316, high: 0.0326 },
      plays: [reads({ calls: 1, bytes: 392_601, tools: 1 })],
      client: { eachRequest: 530, eachRun: 999 },
      as: '1 call of 392,601 bytes, one tool',
    },
    why: 'Most of the code side is what its client sends anyway.',
  },
  {
    source: tempo,
    name: '12 investigations of documentation, two paired runs',
    said: '−3.4 % and +8.0 % cost',
    played: {
      quantity: 'cost',
      ratio: { value: 1.023, low: 0.966, high: 1.08 },
      plays: [
        {
          scenario: 'crm-notes-review',
          params: { reviewed: 21 },
          classic: 'classic',
          code: 'code',
          model: 'claude-sonnet-5',
        },
      ],
      as: 'crm-notes-review at 21 reads, the number of calls of a task there',
    },
    shown: true,
    why: 'Their programs made fewer than one call a request (222 in 270), ours makes all 21 in one.',
  },
  {
    source: stella,
    name: '1123: six shell tasks',
    said: '+55 % input',
    played: {
      quantity: 'input',
      ratio: { value: 1.552 },
      plays: [reads({ calls: 1, bytes: 1000, tools: 1 }, { code: 'code' })],
      as: '1 call of 1,000 bytes, one tool, which code has to find first',
    },
    why: 'Each of their programs ran about one command, and three tasks of six failed in code; failure is not played.',
  },
  {
    source: stella,
    name: '1169: one MCP lookup',
    said: '2 requests against 3',
    played: {
      quantity: 'requests',
      ratio: { value: 1.5 },
      plays: [
        {
          scenario: 'crm-contact-lookup',
          params: {},
          classic: 'classic',
          code: 'code',
          model: 'claude-sonnet-5',
        },
      ],
      as: 'crm-contact-lookup',
    },
    shown: true,
    why: 'Their search returns what a call needs at once; our browse_tools lists a server first and then shows a function.',
  },
];

/** AXI's tasks: what each came to, and the median calls and bytes of a result that its recorded classic runs made. */
type AxiTask = {
  name: string;
  ratio: number;
  calls: number;
  bytes: number;
  oneByOne?: true;
  requests: Requests;
  /** Right answers of five. */
  right?: { classic: number; code: number };
};

/** The prompt of the code runs' first request, which has no MCP tool in it. */
const axiClient: Client = { eachRequest: 16_192, eachRun: 0 };

const axiTasks: readonly AxiTask[] = [
  { name: 'list_releases', ratio: 0.29, calls: 1, bytes: 42_428, requests: { classic: 2, code: 3 } },
  {
    name: 'pr_then_checks',
    ratio: 0.39,
    calls: 3,
    bytes: 5821,
    oneByOne: true,
    requests: { classic: 4, code: 4 },
  },
  { name: 'repo_overview', ratio: 0.51, calls: 1, bytes: 5227, requests: { classic: 2, code: 4 } },
  {
    name: 'merged_pr_ci_audit',
    ratio: 0.62,
    calls: 11,
    bytes: 5579,
    requests: { classic: 5, code: 12 },
    right: { classic: 3, code: 5 },
  },
  { name: 'pr_review_prep', ratio: 0.79, calls: 4, bytes: 4176, requests: { classic: 2, code: 4 } },
  {
    name: 'weekly_catchup',
    ratio: 1.16,
    calls: 3,
    bytes: 17_907,
    requests: { classic: 2, code: 8 },
    right: { classic: 5, code: 0 },
  },
  {
    name: 'find_fix_for_bug',
    ratio: 1.31,
    calls: 2,
    bytes: 4893,
    oneByOne: true,
    requests: { classic: 3, code: 7 },
  },
  {
    name: 'nonexistent_repo',
    ratio: 1.38,
    calls: 1,
    bytes: 102,
    requests: { classic: 2, code: 5 },
    right: { classic: 5, code: 1 },
  },
  { name: 'view_pr', ratio: 1.58, calls: 1, bytes: 2652, requests: { classic: 2, code: 8 } },
  {
    name: 'issue_then_comments',
    ratio: 1.61,
    calls: 2,
    bytes: 3275,
    oneByOne: true,
    requests: { classic: 3, code: 8 },
  },
  { name: 'release_then_body', ratio: 1.69, calls: 1, bytes: 12_502, requests: { classic: 2, code: 9 } },
  { name: 'invalid_issue', ratio: 2.73, calls: 1, bytes: 116, requests: { classic: 2, code: 9 } },
];

function fromAxi({ name, ratio, calls, bytes, oneByOne, requests, right }: AxiTask): Measurement {
  const times = calls === 1 ? '1 call' : `${calls} calls ${oneByOne ? 'one by one' : 'at once'}`;
  const classic = oneByOne ? 'classic-serial' : 'classic';
  const outcome = right ? `, right in ${right.classic} and ${right.code} of 5` : '';
  return {
    source: axi,
    name,
    played: {
      quantity: 'warm',
      ratio: { value: ratio },
      client: axiClient,
      plays: [reads({ calls, bytes, tools: 44 }, { classic, code: 'code', model: 'claude-sonnet-4-6' })],
      as: `${times} of ${bytes.toLocaleString('en-US')} bytes, 44 tools`,
    },
    requests,
    why: `Theirs took ${requests.classic} requests in classic and ${requests.code} in code${outcome}.`,
  };
}

const toFile =
  'Results were over the client’s cap of 25,000 tokens and went to a file, which is not played here.';

const unplayed: readonly Measurement[] = [
  { source: axi, name: 'list_labels', said: '0.18', why: `${toFile} No run of either was right.` },
  { source: axi, name: 'ci_failure_investigation', said: '0.35', why: toFile },
  { source: axi, name: 'list_open_issues', said: '0.36', why: toFile },
  { source: axi, name: 'bug_triage_search', said: '1.53', why: toFile },
  {
    source: axi,
    name: 'run_then_jobs',
    said: '0.58',
    why: 'The classic runs called no GitHub tool: the server has none for it.',
  },
  {
    source: lab,
    name: 'one-big-payload, result in a file (A-files)',
    said: '12 times cheaper',
    why: 'The direct arm reads a file in parts with tools of its client, which are not played here.',
  },
  {
    source: lab,
    name: 'table-heavy-page, result in a file (A-files)',
    said: '63 times cheaper',
    why: 'The same; three of its five runs ended at a limit of 40 requests.',
  },
  {
    source: lab,
    name: 'one-big-payload and table-heavy-page, no file tools',
    said: '−2 % and −20 % input',
    why: 'The direct arm never saw the data and gave no answer, so there is no work to compare.',
  },
  {
    source: provider,
    name: 'complex research tasks',
    said: '43,588 to 27,297 tokens',
    why: 'Neither tasks nor tools are published.',
  },
  {
    source: stella,
    name: '1123: right answers',
    said: '6 of 6 against 3 of 6',
    why: 'A scripted model is always right.',
  },
  {
    source: stella,
    name: '1169: five cases',
    said: '17 against 18, 19 and 20 requests',
    why: 'The other four cases run a shell or share files; only the MCP lookup is played.',
  },
];

export const measurements: readonly Measurement[] = [...general, ...axiTasks.map(fromAxi), ...unplayed];
