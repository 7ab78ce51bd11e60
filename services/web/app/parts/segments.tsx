/** A few choices side by side, one of which holds. */
export function Segments<Value extends string | number>({
  id,
  label,
  value,
  options,
  onChoose,
}: {
  readonly id?: string;
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [value: Value, text: string])[];
  readonly onChoose: (value: Value) => void;
}) {
  return (
    <div class="spans" role="group" aria-label={label} {...(id === undefined ? {} : { id })}>
      {options.map(([option, text]) => (
        <button key={option} type="button" aria-pressed={option === value} onClick={() => onChoose(option)}>
          {text}
        </button>
      ))}
    </div>
  );
}

/** One of many choices, with what it is about. */
export function Choice({
  id,
  label,
  value,
  options,
  onChoose,
  isLabelHidden = false,
}: {
  readonly id?: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChoose: (value: string) => void;
  readonly isLabelHidden?: boolean;
}) {
  return (
    <label class="field">
      <span class={isLabelHidden ? 'unseen' : ''}>{label}</span>
      <select
        {...(id === undefined ? {} : { id })}
        value={value}
        onChange={(event) => onChoose(event.currentTarget.value)}
      >
        {options.map(([option, text]) => (
          <option key={option} value={option} selected={option === value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
