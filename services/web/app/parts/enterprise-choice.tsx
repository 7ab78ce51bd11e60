import { say } from '../state/language.ts';
import { enterpriseName, nameOf, useDirectory } from '../state/names.ts';
import { useOwnEnterprise } from '../state/own-enterprise.ts';
import { choose } from '../state/router.ts';
import { common } from '../words/common.ts';
import { Choice } from './segments.tsx';

/** Whose plant is looked at: told where it is the reader's own, chosen where there are several. */
export function EnterpriseChoice() {
  const directory = useDirectory().data;
  const { enterprise, isOwn } = useOwnEnterprise();
  if (enterprise === undefined) return null;
  if (isOwn) return <p class="hint">{enterpriseName(directory, enterprise)}</p>;
  return (
    <Choice
      id="enterprise-choice"
      label={say(common.enterprise)}
      isLabelHidden
      value={enterprise}
      options={(directory?.enterprises ?? []).map((item) => [item.id, nameOf(item)])}
      onChoose={(id) => choose({ enterprise: id }, { replace: true })}
    />
  );
}
