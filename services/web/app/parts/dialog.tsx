import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { say } from '../state/language.ts';
import { common } from '../words/common.ts';

/** Something that is looked at for a moment, above the screen; Escape closes it. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-label={title}>
      <div class="dialog-head">
        <h2>{title}</h2>
        <button
          type="button"
          class="quiet"
          onClick={() => dialog.current?.close()}
          aria-label={say(common.close)}
        >
          ✕
        </button>
      </div>
      {children}
    </dialog>
  );
}
