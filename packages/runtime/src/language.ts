/** A text in both languages that a person may read. */
export interface Bilingual {
  readonly en: string;
  readonly vi: string;
}

export type Language = keyof Bilingual;

/**
 * The reader's language by `Accept-Language`: the better liked of Vietnamese and English; English when neither is
 * named.
 */
export function language(request: {
  readonly headers: { readonly 'accept-language'?: string | undefined };
}): Language {
  const header = request.headers['accept-language'];
  if (header === undefined) return 'en';
  let best: Language = 'en';
  let bestQuality = 0;
  for (const item of header.slice(0, 500).split(',')) {
    const [tag = '', ...parameters] = item.split(';');
    const spoken = tag.trim().toLowerCase().split('-')[0];
    if (spoken !== 'vi' && spoken !== 'en') continue;
    const quality = qualityOf(parameters);
    if (quality > bestQuality) {
      best = spoken;
      bestQuality = quality;
    }
  }
  return best;
}

function qualityOf(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => parameter.trim().startsWith('q='));
  const quality = text === undefined ? 1 : Number(text.trim().slice(2));
  return Number.isFinite(quality) ? quality : 0;
}
