import { useEffect, useState } from 'preact/hooks';
import { Dialog } from '../parts/dialog.tsx';
import { say } from '../state/language.ts';
import { nameOf, useDirectory, type Directory } from '../state/names.ts';
import { go, hrefOf } from '../state/router.ts';
import { common } from '../words/common.ts';

const foundMax = 12;

interface Found {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly href: string;
}

/** Finds an enterprise, a site or a meter by any part of its name or id; also by Ctrl-K. */
export function Search() {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen(true);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <>
      <button type="button" class="search-button" onClick={() => setOpen(true)} aria-keyshortcuts="Control+K">
        <span aria-hidden="true">⌕ </span>
        {say(common.search)} <kbd>Ctrl K</kbd>
      </button>
      {isOpen && <SearchDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function SearchDialog({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('');
  const directory = useDirectory().data;
  const found =
    directory === undefined || text.trim() === '' ? [] : search(directory, text).slice(0, foundMax);
  return (
    <Dialog title={say(common.search)} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (found[0] === undefined) return;
          onClose();
          go(found[0].href);
        }}
      >
        <label class="field">
          <span>{say(common.searchHint)}</span>
          <input type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
      </form>
      {text.trim() !== '' && found.length === 0 && <p class="empty">{say(common.searchNone)}</p>}
      <ul class="rows found">
        {found.map(({ id, kind, name, href }) => (
          <li key={`${kind}/${id}`}>
            <a href={href} onClick={onClose}>
              {name} <span class="meta">{`${kind} · ${id}`}</span>
            </a>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function search(directory: Directory, text: string): Found[] {
  const wanted = plain(text);
  const all: Found[] = [
    ...directory.enterprises.map((enterprise) => ({
      id: enterprise.id,
      kind: say(common.enterprise),
      name: nameOf(enterprise),
      href: hrefOf('overview', { enterprise: enterprise.id }),
    })),
    ...directory.sites.map(({ id, name, enterprise }) => ({
      id,
      kind: say(common.site),
      name,
      href: hrefOf('overview', { enterprise }),
    })),
    ...directory.meters.map(({ id, name }) => ({
      id,
      kind: say(common.meter),
      name,
      href: hrefOf('explore', { meters: id }),
    })),
  ];
  return all.filter(({ id, name }) => plain(`${name} ${id}`).includes(wanted));
}

/** Without case and accents: people type `cua bien` for `Cửa Biển`. */
function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/gi, 'd').toLowerCase().trim();
}
