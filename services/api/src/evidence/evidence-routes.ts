import { derivedSecret, openDeskKey } from '@songma/channels';
import { canonicalBytes, openSealer, PdfMaker, type EvidenceEvent, type Sealer } from '@songma/evidence';
import type { HttpApp } from '@songma/runtime';
import { z } from 'zod';
import { readers, type Reader } from '../access.ts';
import { alertParamsSchema, knownAlert } from '../alerts/alert-routes.ts';
import type { ApiConfig } from '../config.ts';
import { parseIsoUs } from '../iso-time.ts';
import { boundedTimeSchema, described, documented, type RoutesDeps } from '../routes.ts';
import { problem } from '../problems.ts';
import { evidenceOf, type EvidenceDeps } from './evidence-document.ts';

export interface EvidenceRoutesDeps extends RoutesDeps {
  /** What else happened to a case by a time (epoch milliseconds), as far as this reader may know it. */
  readonly eventsOf: (reader: Reader, caseId: string, asOf: number) => readonly EvidenceEvent[];
  readonly version: string;
  readonly desk: ApiConfig['desk'];
}

const querySchema = z.strictObject({
  asOf: boundedTimeSchema
    .optional()
    .meta({ description: 'As known at this time; now unless told. The same time gives the same bytes.' }),
  format: z.enum(['pdf', 'json']).default('pdf').meta({ description: '`pdf` has the JSON inside.' }),
  language: z.enum(['vi', 'en']).default('vi').meta({ description: 'Of the PDF.' }),
});
const fileSchema = z.string().meta({ format: 'binary' });
const sealedSchema = z
  .object({
    document: z.record(z.string(), z.unknown()),
    integrity: z.object({ sha256: z.string(), jws: z.string(), kid: z.string() }),
  })
  .meta({ title: 'Evidence' });
const keysSchema = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });

/** `GET /v1/cases/{id}/evidence`, `GET /.well-known/jwks.json`. Gives back what ends the making of PDFs. */
export function addEvidenceRoutes(app: HttpApp, deps: EvidenceRoutesDeps): void {
  const { registry, seriesStore, gate, now, version, eventsOf } = deps;
  const pdfs = new PdfMaker();
  let opened: Promise<Sealer> | undefined;
  // The key is made when it is first asked for: a directory that cannot be written to ends no start.
  const sealer = async (): Promise<Sealer> => {
    opened ??= openDeskKey(deps.desk).then(async (key) => openSealer(derivedSecret(key, 'evidence')));
    return opened;
  };
  app.addHook('onClose', async () => pdfs.close());
  const text = described({
    tag: 'alerts',
    roles: readers,
    summary: 'Evidence of a case',
    description:
      'Everything that the verdicts of a case rest on, sealed: PDF/A-3a with the JSON inside, or the JSON. A case is ' +
      'named by the first of the alerts that replace one another; any of them leads to it. A plant is told no comment ' +
      'of the office.',
    problems: ['not_found', 'too_many_files'],
  });
  app.get(
    '/v1/cases/:id/evidence',
    {
      onRequest: gate.allow(readers),
      schema: {
        ...documented(text),
        params: alertParamsSchema,
        querystring: querySchema,
        response: {
          200: {
            description: 'The evidence.',
            content: {
              'application/pdf': { schema: fileSchema },
              'application/json': { schema: sealedSchema },
            },
          },
          ...text.problems,
        },
      },
    },
    async (request, reply) => {
      const { asOf, format, language } = request.query;
      const { id } = request.params;
      const asOfUs = asOf === undefined ? now() * 1000 : parseIsoUs(asOf);
      const reader = gate.reader(request);
      const found = await knownAlert(deps, reader, id, { asOf: Math.floor(asOfUs / 1000) });
      const known: EvidenceDeps = {
        registry,
        seriesStore,
        version,
        eventsOf: (caseId, at) => eventsOf(reader, caseId, at),
      };
      const document = await evidenceOf(known, found, asOfUs);
      const sealed = await (await sealer()).seal(document);
      const name = `evidence-${document.case.replaceAll('/', '-')}.${format}`;
      reply.header('content-disposition', `attachment; filename="${name}"`);
      if (format === 'json')
        return reply.type('application/json').send(Buffer.from(canonicalBytes(sealed)) as never);
      const pdf = await pdfs.make(sealed, language);
      if (pdf === undefined) throw problem('too_many_files', {}, { retryAfterMs: 5_000 });
      return reply.type('application/pdf').send(Buffer.from(pdf) as never);
    },
  );
  addKeys(app, sealer);
}

/** The public key by which evidence is verified: for everybody who holds a file. */
function addKeys(app: HttpApp, sealer: () => Promise<Sealer>): void {
  app.get(
    '/.well-known/jwks.json',
    {
      // Told in the README: it is no question to Songma, and its shape is that of RFC 7517.
      schema: { hide: true, response: { 200: keysSchema } },
    },
    async () => ({ keys: [(await sealer()).publicKey as Record<string, unknown>] }),
  );
}
