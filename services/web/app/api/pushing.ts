import { currentLanguage } from '../state/language.ts';
import { heldKey } from '../state/held-key.ts';
import { addressOf, Refused, request } from './client.ts';
import type { components, paths } from './schema.d.ts';

export type Receipt = components['schemas']['Receipt'];
export type PushPreview = components['schemas']['PushPreview'];
export type Fates = paths['/v1/batches/{batch}']['get']['responses'][200]['content']['application/json'];

/** A file or text on its way to the server, whose parser is the only one. */
export interface Draft {
  readonly name: string;
  readonly body: Blob;
  /** `dot`, `comma`, or empty: found out. */
  readonly decimal: string;
}

/** A file whose type nobody tells: the server knows it by the end of its name. */
const contentType = 'application/octet-stream';

function pushAddress({ name, decimal }: Draft, dryRun: boolean): string {
  return addressOf('/v1/readings', { file: name, decimal, dryRun: dryRun ? 'true' : undefined });
}

/** What would become of the rows; nothing is stored. */
export async function preview(draft: Draft): Promise<PushPreview> {
  const response = await request(pushAddress(draft, true), {
    method: 'POST',
    headers: { 'content-type': contentType },
    body: draft.body,
  });
  return (await response.json()) as PushPreview;
}

/**
 * Sends it and tells how far it has come. By XMLHttpRequest, because fetch does not tell.
 * @param onProgress is told the share that is sent, 0 to 1
 */
export function push(draft: Draft, batch: string, onProgress: (share: number) => void): Promise<Receipt> {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open('POST', pushAddress(draft, false));
    sending.setRequestHeader('content-type', contentType);
    sending.setRequestHeader('accept-language', currentLanguage());
    sending.setRequestHeader('idempotency-key', batch);
    if (heldKey.value !== undefined) sending.setRequestHeader('authorization', `Bearer ${heldKey.value}`);
    sending.upload.addEventListener('progress', ({ loaded, total }) =>
      onProgress(total === 0 ? 0 : loaded / total),
    );
    sending.addEventListener('error', () => reject(new TypeError('network')));
    sending.addEventListener('load', () => {
      const answer = JSON.parse(sending.responseText) as Receipt & { code?: string; detail?: string };
      // Where every row was refused the problem bears the receipt.
      if (sending.status === 202 || answer.batch !== undefined) resolve(answer);
      else reject(new Refused(sending.status, { ...answer, refused: [] }));
    });
    sending.send(draft.body);
  });
}
