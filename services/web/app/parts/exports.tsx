import { useState } from 'preact/hooks';
import { addressOf, download } from '../api/client.ts';
import { currentLanguage, say } from '../state/language.ts';
import { common } from '../words/common.ts';

const formats = ['csv', 'xlsx', 'parquet'] as const;

/** Takes what a part of a screen shows as a file: the same question, in another format. */
export function Exports({
  path,
  query,
  name,
  onPicture,
}: {
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly name: string;
  /** Makes a picture of a chart, where there is one. */
  readonly onPicture?: (() => void) | undefined;
}) {
  const [failure, setFailure] = useState('');
  const take = (format: string) => {
    const locale = currentLanguage() === 'vi' && format === 'csv' ? 'vi' : undefined;
    setFailure('');
    download(addressOf(path, { ...query, format, locale }), `${name}.${format}`).catch((error: Error) =>
      setFailure(error.message),
    );
  };
  return (
    <span class="exports" role="group" aria-label={say(common.export)}>
      {formats.map((format) => (
        <button key={format} type="button" class="small" onClick={() => take(format)}>
          {format === 'parquet' ? 'Parquet' : format.toUpperCase()}
        </button>
      ))}
      {onPicture !== undefined && (
        <button type="button" class="small" title={say(common.png)} onClick={onPicture}>
          PNG
        </button>
      )}
      {failure !== '' && <span role="status">{say(common.failed, { reason: failure })}</span>}
    </span>
  );
}
