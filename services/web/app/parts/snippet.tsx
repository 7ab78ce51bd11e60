import { useState } from 'preact/hooks';
import { say } from '../state/language.ts';
import { common } from '../words/common.ts';

/** A piece of text to be taken along as it stands. */
export function Snippet({ title, text }: { readonly title: string; readonly text: string }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <div class="snippet">
      <div class="dialog-head">
        <h3>{title}</h3>
        <button
          type="button"
          class="small"
          onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
        >
          {say(isCopied ? common.copied : common.copy)}
        </button>
      </div>
      <pre tabIndex={0} role="region" aria-label={title}>
        {text}
      </pre>
    </div>
  );
}
