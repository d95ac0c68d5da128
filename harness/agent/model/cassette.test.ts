// Over 400 lines because each test records with a live model and replays that, by means which all of them share.
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { VERSION } from '@anthropic-ai/sdk/version';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Model } from '../../meter/model.ts';
import type { MessageParam, ModelRequest, ModelResponse } from '../../results/messages.ts';
import { createReadCounter } from '../../testing/count-reads.ts';
import { answer, type Reply, refusal, text, thinking, toolUse } from '../../testing/messages-api/reply.ts';
import { startMessagesApi } from '../../testing/messages-api/server.ts';
import { eventsOf, messageOf } from '../../testing/messages-api/wire.ts';
import { createAnthropicModel } from './anthropic.ts';
import { createAssembler } from './anthropic-answer.ts';
import { exchangeOf, noteExchange, PromptTooLongError } from './anthropic-exchange.ts';
import { type Cassette, type CassetteMode, noLiveModel, openCassette } from './cassette.ts';
import type { CassetteMiss } from './cassette-request.ts';
import { createStandIns } from './cassette-secrets.ts';

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cassette-'));
  file = join(folder, 'code.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const never = new AbortController().signal;
const key = ['sk', 'ant', 'api03', 'AbCdEfGhIjKl'].join('-');
const model = 'claude-sonnet-5';
const tools: ModelRequest['tools'] = [{ name: 'crm__list', input_schema: { type: 'object' } }];
const opening: ModelRequest = {
  model,
  max_tokens: 500,
  tools,
  messages: [{ role: 'user', content: 'How many are open?' }],
};

const twoSteps: Reply[] = [
  answer([thinking('I need the list.', 'c2ln'), toolUse('toolu_1', 'crm__list', { open: true })]),
  answer(['Two are open.']),
];

/** A trial of two round trips, as a pattern would make it. */
async function trial(asked: Model, toolAnswer = '[1, 2]', request = opening): Promise<ModelResponse[]> {
  const first = await asked.respond(request, never);
  const result = { type: 'tool_result' as const, tool_use_id: 'toolu_1', content: toolAnswer };
  const messages: MessageParam[] = [
    ...request.messages,
    { role: 'assistant', content: first.content },
    { role: 'user', content: [result] },
  ];
  return [first, await asked.respond({ ...request, messages }, never)];
}

const open = (mode: CassetteMode, more = {}) => openCassette({ file, mode, secrets: [key], ...more });
const replayed = (cassette: Cassette, repeat = 0) => cassette.session(repeat).middleware(noLiveModel(model));

/** Runs with a live model behind the cassette, against a server with this script. */
async function withLive<T>(
  cassette: Cassette,
  script: Reply[],
  run: (at: (repeat: number) => Model, live: Model) => Promise<T>,
): Promise<T> {
  await using api = await startMessagesApi(script);
  const live = createAnthropicModel({
    model,
    apiKey: key,
    baseURL: api.url,
    maxRetries: 1,
    wait: async () => {},
  });
  return await run((repeat) => cassette.session(repeat).middleware(live), live);
}

/** Answers at once what counts as live. */
const instantModel: Model = {
  ...noLiveModel(model),
  evidence: 'live',
  async respond() {
    const reply = { content: [text('Yes.')] };
    const events = eventsOf(reply, messageOf(reply, 'msg_1', model, {})).map(({ data }) => ({
      offsetMs: 0,
      data,
    }));
    const assembler = createAssembler();
    for (const { data } of events) assembler.add(data as unknown as RawMessageStreamEvent);
    const response = assembler.finish();
    const wire = { status: 200, headers: {}, origin: 'http://127.0.0.1', apiVersion: '1', sdkVersion: '1' };
    noteExchange(response, { evidence: 'live', answer: { ...wire, payload: { events } }, measuredMs: 1 });
    return response;
  },
};

async function record(script = twoSteps): Promise<ModelResponse[]> {
  const cassette = await open('record');
  const responses = await withLive(cassette, script, (at) => trial(at(0)));
  await cassette.close('complete');
  return responses;
}

describe('replaying', () => {
  test('gives back what was recorded, byte for byte, without a server', async () => {
    const live = await record();
    const cassette = await open('strict');
    const session = cassette.session(0);
    const again = await trial(session.middleware(noLiveModel(model)));
    expect(again).toEqual(live);
    expect(session.counts()).toEqual({ replayed: 2, live: 0 });
    expect(cassette.unused()).toEqual([]);
  });

  test('is evidence of its own kind and has no latency', async () => {
    await record();
    const asked = replayed(await open('strict'));
    const [first] = await trial(asked);
    expect(asked.evidence).toBe('replayed');
    expect(exchangeOf(first as ModelResponse)).toMatchObject({ evidence: 'replayed', measuredMs: null });
  });

  test('repeats the refusal of a prompt that was too long', async () => {
    const cassette = await open('record');
    const tooLong = [refusal(400, 'prompt is too long: 1000100 tokens > 1000000 maximum')];
    const refused = withLive(cassette, tooLong, (at) => at(0).respond(opening, never));
    await expect(refused).rejects.toThrow(PromptTooLongError);
    await cassette.close('complete');
    await expect(replayed(await open('strict')).respond(opening, never)).rejects.toThrow(PromptTooLongError);
  });

  test('reports recordings that nothing asked for', async () => {
    await record();
    const cassette = await open('strict');
    await replayed(cassette).respond(opening, never);
    expect(cassette.unused()).toMatchObject([{ repeat: 0, ask: 0 }]);
  });
});

describe('a miss in strict mode', () => {
  const miss = async (run: Promise<unknown>) => (await run.catch((error: unknown) => error)) as CassetteMiss;

  test('shows where a tool answered otherwise than it was recorded', async () => {
    await record();
    const error = await miss(trial(replayed(await open('strict')), '[1, 2, 3]'));
    expect(error.name).toBe('CassetteMiss');
    expect(error.message).toContain('Round trip 2 of repeat 0 is not in the cassette');
    expect(error.difference).toEqual({
      path: 'messages[2].content[0].content',
      recorded: '"[1, 2]"',
      asked: '"[1, 2, 3]"',
    });
    expect(error).toMatchObject({ toolResultDiffers: true, replayedBefore: 1 });
  });

  test('shows a change of the request itself before what follows from it', async () => {
    await record();
    const changed = {
      ...opening,
      max_tokens: 600,
      messages: [{ role: 'user' as const, content: 'Other task.' }],
    };
    const error = await miss(trial(replayed(await open('strict')), '[1, 2]', changed));
    expect(error).toMatchObject({
      toolResultDiffers: false,
      difference: { path: 'max_tokens', recorded: '500', asked: '600' },
    });
  });

  test('says when the request was recorded, but for another repeat', async () => {
    await record();
    const error = await miss(replayed(await open('strict'), 3).respond(opening, never));
    expect(error.message).toContain('recorded for repeat 0, not for repeat 3');
  });

  test('says when nothing was recorded at all', async () => {
    const error = await miss(replayed(await open('strict')).respond(opening, never));
    expect(error.message).toContain('--cassettes record');
  });

  test('shows a cache breakpoint that moved', async () => {
    await record();
    const marked: ModelRequest = {
      ...opening,
      tools: [{ name: 'crm__list', input_schema: { type: 'object' }, cache_control: { type: 'ephemeral' } }],
    };
    const error = await miss(replayed(await open('strict')).respond(marked, never));
    expect(error.difference?.path).toBe('cache_control.tools[0]');
  });
});

describe('auto', () => {
  test('replays what is there, asks for the rest and appends it beside the old branch', async () => {
    const plain = [answer([toolUse('toolu_1', 'crm__list')]), answer(['Two.'])];
    await record(plain);
    const cassette = await open('auto');
    await withLive(cassette, [answer(['Three.'])], async (at) => {
      const asked = at(0);
      expect(asked.evidence).toBe('live');
      const [, last] = await trial(asked, '[1, 2, 3]');
      expect(last?.content).toEqual([text('Three.')]);
      expect(asked.evidence).toBe('replayed');
    });
    await cassette.close('complete');
    const strict = await open('strict');
    expect((await trial(replayed(strict), '[1, 2, 3]'))[1]?.content).toEqual([text('Three.')]);
    expect((await trial(replayed(strict), '[1, 2]'))[1]?.content).toEqual([text('Two.')]);
  });

  test('asks nothing where the file cannot be written', async () => {
    const cassette = await openCassette({ file: '/dev/null/code.jsonl', mode: 'auto' }).catch(
      (error: unknown) => error,
    );
    expect(cassette).toMatchObject({ name: 'UsageError' });
    await expect(openCassette({ file: '/dev/null/code.jsonl', mode: 'record' })).rejects.toThrow(
      'Cannot write',
    );
  });

  test('does not answer one repeat with the recording of another', async () => {
    const cassette = await open('auto');
    const script = [answer(['First.']), answer(['Second.'])];
    await withLive(cassette, script, async (at) => {
      expect((await at(0).respond(opening, never)).content).toEqual([text('First.')]);
      expect((await at(1).respond(opening, never)).content).toEqual([text('Second.')]);
    });
    await cassette.close('complete');
    const strict = await open('strict');
    expect((await replayed(strict, 1).respond(opening, never)).content).toEqual([text('Second.')]);
    expect((await replayed(strict, 0).respond(opening, never)).content).toEqual([text('First.')]);
  });

  test('tells the same request asked twice in one trial apart', async () => {
    const cassette = await open('auto');
    await withLive(cassette, [answer(['First.']), answer(['Second.'])], async (at) => {
      const asked = at(0);
      await asked.respond(opening, never);
      await asked.respond(opening, never);
    });
    await cassette.close('complete');
    const asked = replayed(await open('strict'));
    expect((await asked.respond(opening, never)).content).toEqual([text('First.')]);
    expect((await asked.respond(opening, never)).content).toEqual([text('Second.')]);
  });

  test('records the answer that came after retries, and no passing fault', async () => {
    const cassette = await open('auto');
    await withLive(cassette, [refusal(529, 'Overloaded'), answer(['At last.'])], (at) =>
      at(0).respond(opening, never),
    );
    await withLive(cassette, [refusal(401, 'no')], (at) =>
      at(1)
        .respond(opening, never)
        .catch(() => {}),
    );
    await cassette.close('complete');
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ status: 200, repeat: 0 });
  });
});

describe('record', () => {
  test('leaves the earlier file whole until it is complete', async () => {
    await record();
    const before = await readFile(file, 'utf8');
    const cassette = await open('record');
    await withLive(cassette, [answer(['New.'])], (at) => at(0).respond(opening, never));
    expect(await readFile(file, 'utf8')).toBe(before);
    await cassette.close('partial');
    expect(await readFile(file, 'utf8')).toBe(before);
    const resumed = await open('record', { resume: true });
    await withLive(resumed, [answer(['Second.'])], (at) => at(1).respond(opening, never));
    await resumed.close('complete');
    const strict = await open('strict');
    expect((await replayed(strict, 0).respond(opening, never)).content).toEqual([text('New.')]);
    expect((await replayed(strict, 1).respond(opening, never)).content).toEqual([text('Second.')]);
    await expect(access(`${file}.recording`)).rejects.toThrow('ENOENT');
  });

  test('refuses what no live model answered', async () => {
    const cassette = await open('record');
    const scripted: Model = {
      ...noLiveModel(model),
      evidence: 'scripted',
      respond: async () => ({}) as ModelResponse,
    };
    const asked = cassette.session(0).middleware(scripted);
    await expect(asked.respond(opening, never)).rejects.toThrow('Only live answers can be recorded');
    await cassette.close('partial');
  });
});

describe('the file', () => {
  test('names the server, the versions and the usage, and holds neither key nor request headers', async () => {
    const [first] = await record();
    const body = await readFile(file, 'utf8');
    const lines = body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[1]).toMatchObject({
      sdkVersion: VERSION,
      apiVersion: expect.stringMatching(/^\d{4}-/),
      origin: expect.stringMatching(/^http:\/\/127\.0\.0\.1:/),
      headers: { 'request-id': 'req_loopback_1' },
      usage: { input_tokens: first?.usage?.input_tokens },
      events: expect.arrayContaining([
        { offsetMs: expect.any(Number), data: expect.objectContaining({ type: 'message_stop' }) },
      ]),
    });
    expect(body).not.toContain(key);
    expect(body).not.toContain('authorization');
  });

  test('holds each message of a growing history once', async () => {
    const cassette = await open('record');
    const roundTrips = 40;
    const script = Array.from({ length: roundTrips }, (_, i) => answer([`Answer ${i}.`]));
    await withLive(cassette, script, async (at) => {
      const asked = at(0);
      const messages: MessageParam[] = [];
      for (let i = 0; i < roundTrips; i++) {
        messages.push({ role: 'user', content: `Question number ${i}?` });
        const { content } = await asked.respond({ ...opening, messages: [...messages] }, never);
        messages.push({ role: 'assistant', content });
      }
    });
    await cassette.close('complete');
    const body = await readFile(file, 'utf8');
    expect(body.split('Question number 7?')).toHaveLength(2);
    expect(body.split('"crm__list"')).toHaveLength(2);
  });

  test('costs each round trip the same number of reads, however long the history', async () => {
    const readsOf = async (roundTrips: number) => {
      const cassette = await open('record');
      const asked = cassette.session(0).middleware(instantModel);
      const counter = createReadCounter();
      const messages: MessageParam[] = [];
      for (let i = 0; i < roundTrips; i++) {
        messages.push({ role: 'user', content: [{ type: 'text', text: `Question ${i}?` }] });
        const { content } = await asked.respond(counter.watch({ ...opening, messages }), never);
        messages.push({ role: 'assistant', content });
      }
      await cassette.close('partial');
      return counter.reads();
    };
    const each = (await readsOf(11)) - (await readsOf(10));
    expect((await readsOf(300)) - (await readsOf(10))).toBe(290 * each);
  });

  test('a secret in a tool’s result ends the recording with an error that says what to do', async () => {
    const cassette = await open('record');
    const shaped = ['ghp', 'a1B2c3'.repeat(6)].join('_');
    const run = withLive(cassette, twoSteps, (at) => trial(at(0), shaped));
    await expect(run).rejects.toThrow('what looks like a GitHub token');
    await cassette.close('partial');
    expect(await readFile(`${file}.recording`, 'utf8')).not.toContain(shaped);
  });

  test('has marks for the secrets of servers, and what is replayed has the values again', async () => {
    const secret = 'C:\\Users\\someone "else"';
    const standIns = createStandIns([{ value: secret, place: 'variable HOME' }]);
    const request = { ...opening, system: `Work in ${secret}.` };
    const script = [
      answer([
        thinking(`I look into ${secret}.`, 'c2ln'),
        toolUse('toolu_1', 'crm__list', { [secret]: secret }),
      ]),
      answer([`I saw ${secret} and ${secret}.`]),
    ];
    const found = JSON.stringify({ [secret]: [secret] });
    const cassette = await open('record');
    const live = await withLive(cassette, script, (_, model) =>
      trial(cassette.session(0, standIns).middleware(model), found, request),
    );
    await cassette.close('complete');
    const body = await readFile(file, 'utf8');
    expect(body).toContain('[redacted: variable HOME]');
    expect(body).not.toContain('someone');

    const again = (await open('strict')).session(0, standIns).middleware(noLiveModel(model));
    expect(await trial(again, found, request)).toEqual(live);
    const other = (await open('strict')).session(0, standIns).middleware(noLiveModel(model));
    const error = await trial(other, `${found}, ${secret}`, request).catch(String);
    expect(error).toContain('[redacted: variable HOME');
    expect(error).not.toContain('someone');
  });

  test('an exchange that was edited into nonsense is an error that names it', async () => {
    await record();
    const body = await readFile(file, 'utf8');
    await writeFile(file, body.replaceAll('message_stop', 'message_halt'));
    await expect(replayed(await open('strict')).respond(opening, never)).rejects.toThrow(
      'is not a whole answer',
    );
  });
});
