import { Choice } from '../../parts/segments.tsx';
import { unit } from '../../parts/format.ts';
import { say } from '../../state/language.ts';
import { enterpriseName, metersOf, nameOf, type Directory } from '../../state/names.ts';
import { choose, place } from '../../state/router.ts';
import { common } from '../../words/common.ts';
import { exploreWords as words } from '../../words/explore.ts';
import { indicatorNames, indicatorWords } from '../../words/indicators.ts';
import { meterName } from '../../state/names.ts';
import { seriesMax, type Selection } from './selection.ts';

/** What can be picked, enterprise by enterprise; what is picked of others stays. */
export function Picker({
  selection,
  directory,
}: {
  readonly selection: Selection;
  readonly directory: Directory;
}) {
  const { query } = place.value;
  const firstMeter = directory.meters.find(({ id }) => id === selection.meters[0]);
  const ownEnterprise =
    directory.sites.find(({ id }) => id === firstMeter?.site)?.enterprise ??
    selection.indicators[0]?.split('~')[0];
  const enterprise = query.get('enterprise') ?? ownEnterprise ?? directory.enterprises[0]?.id;
  const count = selection.meters.length + selection.indicators.length;
  const toggle = (name: 'meters' | 'indicators', id: string) => {
    const before = selection[name];
    const after = before.includes(id) ? before.filter((item) => item !== id) : [...before, id];
    choose({ enterprise, [name]: after.join(',') }, { replace: true });
  };
  const option = (name: 'meters' | 'indicators', id: string, text: string, note: string) => {
    const isPicked = selection[name].includes(id);
    return (
      <li key={id}>
        <label class="check">
          <input
            type="checkbox"
            checked={isPicked}
            disabled={!isPicked && count >= seriesMax}
            onChange={() => toggle(name, id)}
          />
          <span>
            {text} <span class="meta">{note}</span>
          </span>
        </label>
      </li>
    );
  };
  return (
    <section class="card picker" aria-label={say(words.pick)}>
      <Choice
        label={say(common.enterprise)}
        value={enterprise ?? ''}
        options={directory.enterprises.map((item) => [item.id, nameOf(item)])}
        onChoose={(id) => choose({ enterprise: id }, { replace: true })}
      />
      <h2 class="minor">{say(words.metersTitle)}</h2>
      <ul class="checks">
        {metersOf(directory, enterprise).map(({ id, name, unit: ucum }) =>
          option('meters', id, name, unit(ucum)),
        )}
      </ul>
      <h2 class="minor">{say(words.indicatorsTitle)}</h2>
      <ul class="checks">
        {Object.keys(indicatorNames).map((name) =>
          option('indicators', `${enterprise}~${name}`, indicatorWords(name), ''),
        )}
      </ul>
      {count >= seriesMax && <p class="hint">{say(words.tooMany, { count: seriesMax })}</p>}
    </section>
  );
}

/** What is picked, each with a way to leave it. */
export function Picked({
  selection,
  directory,
}: {
  readonly selection: Selection;
  readonly directory: Directory;
}) {
  const leave = (name: 'meters' | 'indicators', id: string) =>
    choose({ [name]: selection[name].filter((item) => item !== id).join(',') }, { replace: true });
  return (
    <ul class="chips" aria-label={say(words.picked)}>
      {(['meters', 'indicators'] as const).flatMap((kind) =>
        selection[kind].map((id) => {
          const name = trackName(id, directory);
          return (
            <li key={id}>
              {name}
              <button
                type="button"
                class="quiet"
                aria-label={say(words.remove, { name })}
                onClick={() => leave(kind, id)}
              >
                ✕
              </button>
            </li>
          );
        }),
      )}
    </ul>
  );
}

/** The name of a picked series, with its enterprise. */
export function trackName(id: string, directory: Directory | undefined): string {
  const [enterprise = '', indicator] = id.split('~');
  if (indicator !== undefined)
    return `${indicatorWords(indicator)}, ${enterpriseName(directory, enterprise)}`;
  const meter = directory?.meters.find((candidate) => candidate.id === id);
  const owner = directory?.sites.find((site) => site.id === meter?.site)?.enterprise;
  return owner === undefined ? id : `${meterName(directory, id)}, ${enterpriseName(directory, owner)}`;
}
