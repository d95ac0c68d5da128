import { hash } from 'node:crypto';
import type { MockState } from '../../../mock-servers/state.ts';
import { ownMember } from '../../json.ts';
import type { ModelMiddleware } from '../../meter/model.ts';
import { answering } from '../../meter/model.ts';
import type { AuditEntry, AuditResult } from '../../results/audit.ts';
import type { Caller, PatternName } from '../../results/codes.ts';
import type { Connections } from '../mcp/connections.ts';
import type { Listing } from '../mcp/listing.ts';
import { type Redact, redactStrings } from '../mcp/secrets.ts';
import type { Tool } from '../mcp/surface.ts';
import { hashDefinition, hashListing } from '../pin/lock-file.ts';
import type { Decision, Grant, MeasuredArguments } from '../policy.ts';
import type { AuditLog } from './audit-log.ts';

/** Which trial a log's records are about. */
type AuditedTrial = {
  run: string;
  /** Unique within one session of the run, such as `crm-report/classic/1`. */
  trial: string;
  pattern: PatternName;
  model: string;
  seed: number;
  /** Takes secrets out of what others wrote. */
  redact?: Redact | undefined;
};

/** A call that is about to be decided on. */
type AuditedCall = {
  call: number;
  tool: Tool;
  caller: Caller;
  arguments: MeasuredArguments;
  decision: Decision;
};

/** An answer of whoever must approve calls. */
type AuditedAnswer = Omit<
  Extract<AuditEntry, { event: 'approval' }>,
  'event' | 'trial' | 'program' | 'measured'
> & { measured: { ms: number } };

/** How a call ended: bytes and hash of the text that came back, 0 and undefined where nothing did. */
type AuditedEnd = {
  outcome: AuditResult['outcome'];
  bytes: number;
  sha256: string | undefined;
  ms: number;
  /** How often the call was sent, where that is more than once. */
  attempts: number | undefined;
};

/**
 * The audit of one trial, in the log of its run: writes what it does with servers. Everything throws an `InfrastructureError`
 * where it cannot be written.
 */
export function auditTrial(log: AuditLog, about: AuditedTrial) {
  const { run, pattern, model, seed, redact } = about;
  // What a run was interrupted in is in the log already, as far as it came.
  const trial = log.session > 1 ? `${about.trial}@${log.session}` : about.trial;
  const traceId = deriveTraceId(seed, trial);
  const pins = new Map<string, string>();
  const definitions = new Map<string, string>();
  let responseModel: string | undefined;
  return {
    /** Notes which model answered last: it is the one that asked for the calls that follow. */
    watchModel: ((next) =>
      answering(next, async (request, signal) => {
        const response = await next.respond(request, signal);
        responseModel = response.model;
        return response;
      })) satisfies ModelMiddleware,
    /** `connections` tell the OAuth scopes held of a server, and the MCP that is spoken with it. */
    granted(
      listings: Listing[],
      grant: Grant,
      pinned: ReadonlySet<string>,
      connections?: Pick<Connections, 'scopes' | 'spoken'>,
    ) {
      for (const listing of listings) {
        const hashes = listing.tools.map(hashDefinition);
        const pin = hashListing(listing, hashes);
        pins.set(listing.server, pin);
        for (const [at, { name }] of listing.tools.entries()) {
          definitions.set(toolKey(listing.server, name), hashes[at] as string);
        }
        const { protocolVersion } = connections?.spoken(listing.server) ?? {};
        log.record({
          event: 'server_granted',
          trial,
          server: {
            name: listing.server,
            implementation: redactStrings(listing.implementation, redact),
            ...(protocolVersion !== undefined && { protocolVersion }),
            pin,
            pinned: pinned.has(listing.server),
          },
          tools: grant.tools ? [...(ownMember(grant.tools, listing.server) ?? [])] : 'all',
          writes: grant.writes,
          scopes: connections?.scopes(listing.server) ?? [],
        });
      }
    },
    /** Notes an answer, and which caller's call waited for it. */
    answered({ measured, ...answer }: AuditedAnswer, caller: Caller | undefined) {
      log.record({
        event: 'approval',
        trial,
        ...answer,
        ...(caller?.kind === 'program' && { program: caller.sha256 }),
        measured: { at: new Date().toISOString(), ...measured },
      });
    },
    /** Notes a call before it is made, or that it is not made. Returns the `traceparent` it goes under. */
    called({ call, tool, caller, arguments: args, decision }: AuditedCall): string {
      const spanId = deriveSpanId(traceId, call);
      log.record({
        event: 'call',
        run,
        trial,
        call,
        pattern,
        traceId,
        spanId,
        caller,
        'mcp.method.name': 'tools/call',
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': tool.name,
        'gen_ai.request.model': model,
        ...(responseModel === undefined ? {} : { 'gen_ai.response.model': responseModel }),
        server: { name: tool.server, pin: pins.get(tool.server) ?? '' },
        tool: { definition: definitions.get(toolKey(tool.server, tool.name)) ?? null },
        arguments: {
          sha256: args.json === undefined ? null : hash('sha256', args.json),
          bytes: args.bytes,
        },
        decision: decision.allowed ? 'allowed' : 'refused',
        reason: redactStrings(decision.reason, redact),
        ...(decision.approval !== undefined && { approval: decision.approval }),
        measured: { at: new Date().toISOString() },
      });
      return toTraceparent(traceId, spanId);
    },
    /** Resolves when every call that was noted is written: only then may it be made. */
    written: () => log.written(),
    ended(call: number, { outcome, bytes, sha256, ms, attempts }: AuditedEnd) {
      log.record({
        event: 'result',
        trial,
        call,
        spanId: deriveSpanId(traceId, call),
        outcome,
        ...(outcome === 'ok' ? {} : { 'error.type': outcome }),
        ...(attempts !== undefined && { attempts }),
        result: { sha256: sha256 ?? null, bytes },
        // Results are handed on whole or not at all.
        truncated: false,
        measured: { ms },
      });
    },
    counted(states: Record<string, Pick<MockState, 'calls' | 'errors'>>) {
      for (const [server, { calls, errors }] of Object.entries(states)) {
        log.record({ event: 'server_counted', trial, server, calls, errors });
      }
    },
  };
}

export type TrialAudit = ReturnType<typeof auditTrial>;

function toolKey(server: string, tool: string): string {
  return `${server}\0${tool}`;
}

/**
 * The W3C trace id of a trial: 16 bytes in hex. It follows from the trial's seed, so that what servers are sent is the
 * same in every run of a seed; runs are told apart by their name, not by it.
 */
function deriveTraceId(seed: number, trial: string): string {
  const id = hash('sha256', JSON.stringify(['trace', seed, trial])).slice(0, 32);
  // An id of nothing but zeros is invalid.
  return /[^0]/.test(id) ? id : id.replace(/0$/, '1');
}

/** The span id of a call, which counts from 1 within its trial: 4 bytes of the trial's id and 4 of the number, in hex. */
function deriveSpanId(traceId: string, call: number): string {
  return traceId.slice(0, 8) + call.toString(16).padStart(8, '0');
}

/** The header of W3C Trace Context, version 00, sampled. */
function toTraceparent(traceId: string, spanId: string): string {
  return `00-${traceId}-${spanId}-01`;
}
