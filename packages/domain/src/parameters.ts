/**
 * Parameters of limits by their codes, and how they are written: symbols of the five-field files, English, Vietnamese.
 * Names are told apart by letters and digits alone, without marks, so that `Nhiệt độ`, `nhiet do` and `NHIỆT ĐỘ` are
 * one. `P` (pressure, or phosphorus) and `Cl` (chlorine, or chloride) mean two things, and are not here.
 * @see QCVN 19:2009/BTNMT, table 1; QCVN 40:2011/BTNMT, table 1; Circular 10/2021/TT-BTNMT, annex 15
 */
const namesOfParameters = {
  pm: ['PM', 'dust', 'total dust', 'particulate matter', 'bụi', 'bụi tổng', 'TSP'],
  pm10: ['PM10', 'bụi PM10'],
  'pm2-5': ['PM2.5', 'bụi PM2.5'],
  so2: ['SO2', 'sulfur dioxide', 'sulphur dioxide', 'lưu huỳnh đioxit', 'lưu huỳnh dioxit'],
  so3: ['SO3', 'H2SO4', 'sulfuric acid', 'axit sunfuric'],
  nox: ['NOx', 'NOx as NO2', 'nitrogen oxides', 'oxides of nitrogen', 'nitơ oxit', 'các oxit nitơ'],
  no: ['NO', 'nitric oxide', 'nitơ monoxit'],
  no2: ['NO2', 'nitrogen dioxide', 'nitơ đioxit', 'nitơ dioxit'],
  co: ['CO', 'carbon monoxide', 'cacbon monoxit', 'cacbon oxit'],
  o2: ['O2', 'oxygen', 'oxy'],
  o3: ['O3', 'ozone', 'ozon'],
  nh3: ['NH3', 'ammonia', 'amoniac'],
  h2s: ['H2S', 'hydrogen sulfide', 'hydro sunfua'],
  hcl: ['HCl', 'hydrogen chloride', 'axit clohydric'],
  hf: ['HF', 'hydrogen fluoride', 'axit flohydric'],
  hno3: ['HNO3', 'nitric acid', 'axit nitric'],
  cl2: ['Cl2', 'chlorine', 'clo'],
  flow: ['Flow', 'flow rate', 'lưu lượng'],
  pressure: ['pressure', 'áp suất'],
  temperature: [
    ...['Temp', 'temperature', 'water temperature', 'gas temperature'],
    ...['nhiệt độ', 'nhiệt độ nước', 'nhiệt độ nước thải', 'nhiệt độ khí thải'],
  ],
  colour: ['color', 'colour', 'true colour', 'color Pt/Co', 'màu', 'độ màu', 'độ màu Pt/Co', 'màu sắc'],
  ph: ['pH', 'pH value', 'độ pH', 'chỉ số pH', 'giá trị pH'],
  cod: ['COD', 'chemical oxygen demand', 'nhu cầu oxy hóa học', 'nhu cầu oxi hóa học'],
  bod5: ['BOD5', 'BOD', 'biochemical oxygen demand', 'nhu cầu oxy sinh hóa', 'nhu cầu oxi sinh hóa'],
  toc: ['TOC', 'total organic carbon', 'tổng cacbon hữu cơ'],
  tss: ['TSS', 'total suspended solids', 'suspended solids', 'chất rắn lơ lửng', 'tổng chất rắn lơ lửng'],
  nh4: ['NH4', 'NH4-N', 'ammonium', 'amoni', 'amoni theo N'],
  tn: ['TN', 'total nitrogen', 'tổng N', 'tổng nitơ'],
  tp: ['TP', 'total phosphorus', 'tổng P', 'tổng photpho', 'tổng phốt pho'],
  coliform: ['coliform', 'coliforms', 'total coliform', 'total coliforms', 'tổng coliform', 'tổng coliforms'],
  'gross-alpha': [
    ...['gross alpha', 'gross alpha activity', 'gross α', 'gross α activity'],
    ...['tổng hoạt độ phóng xạ α', 'tổng hoạt độ phóng xạ alpha', 'hoạt độ phóng xạ α', 'tổng hoạt độ alpha'],
  ],
  'gross-beta': [
    ...['gross beta', 'gross beta activity', 'gross β', 'gross β activity'],
    ...['tổng hoạt độ phóng xạ β', 'tổng hoạt độ phóng xạ beta', 'hoạt độ phóng xạ β', 'tổng hoạt độ beta'],
  ],
  sb: ['Sb', 'antimony', 'antimon'],
  as: ['As', 'arsenic', 'asen'],
  cd: ['Cd', 'cadmium', 'cadimi', 'cadmi'],
  pb: ['Pb', 'lead', 'chì'],
  cu: ['Cu', 'copper', 'đồng'],
  zn: ['Zn', 'zinc', 'kẽm'],
  hg: ['Hg', 'VHg', 'mercury', 'thủy ngân'],
  cr6: ['Cr6', 'Cr VI', 'chromium VI', 'hexavalent chromium', 'crom VI', 'crom hóa trị VI'],
  cr3: ['Cr3', 'Cr III', 'chromium III', 'trivalent chromium', 'crom III', 'crom hóa trị III'],
  ni: ['Ni', 'nickel', 'niken'],
  mn: ['Mn', 'manganese', 'mangan'],
  fe: ['Fe', 'iron', 'sắt'],
  cyanide: ['CN', 'cyanide', 'total cyanide', 'xianua', 'tổng xianua'],
  phenol: ['phenol', 'total phenol', 'tổng phenol'],
  'mineral-oil': ['mineral oil', 'mineral oil and grease', 'oil and grease', 'dầu mỡ khoáng'],
  sulfide: ['sulfide', 'sulphide', 'sunfua'],
  fluoride: ['fluoride', 'florua'],
  chloride: ['chloride', 'clorua'],
  'residual-chlorine': ['residual chlorine', 'clo dư'],
  organochlorine: ['organochlorine pesticides', 'hóa chất bảo vệ thực vật clo hữu cơ'],
  organophosphorus: [
    'organophosphorus pesticides',
    ...['hóa chất bảo vệ thực vật photpho hữu cơ', 'hóa chất bảo vệ thực vật phốt pho hữu cơ'],
  ],
  pcb: ['PCB', 'PCBs', 'tổng PCB'],
} as const satisfies Record<string, readonly string[]>;

/** A parameter that the table does not have is `other`. */
export type ParameterCode = keyof typeof namesOfParameters | 'other';
export const parameterCodes = [...Object.keys(namesOfParameters), 'other'] as readonly ParameterCode[];

const codeOfName = new Map<string, ParameterCode>(
  Object.entries(namesOfParameters).flatMap(([code, names]) =>
    [code, ...names].map((name) => [lettersOf(name), code as ParameterCode] as const),
  ),
);

/** Names kept with what they mean; names come from outside, so that the cache must not grow with what is sent. */
const namesKeptMax = 2000;
const kept = new Map<string, ParameterCode | undefined>();

/**
 * The code of a parameter as people write it, in Vietnamese, English or by its symbol, also with a point's number
 * behind it (`Temp 2`) or with a symbol, unit or basis in parentheses (`Nhu cầu oxy hóa học (COD)`, `Nhiệt độ (°C)`).
 * Undefined where it is not known.
 */
export function parameterCodeOf(parameter: string): ParameterCode | undefined {
  // Each verdict asks.
  if (kept.has(parameter)) return kept.get(parameter);
  if (kept.size >= namesKeptMax) kept.clear();
  const code = lookedUp(parameter);
  kept.set(parameter, code);
  return code;
}

function lookedUp(parameter: string): ParameterCode | undefined {
  const text = parameter.normalize('NFKC').trim();
  // Cobalt, which no table of limits here has, is not carbon monoxide.
  if (text === 'Co') return undefined;
  const outside = text.replaceAll(/\([^()]*\)|\[[^[\]]*\]/g, ' ');
  const candidates = [
    text,
    outside,
    outside.replace(/[\s_#-]+\d{1,2}\s*$/, ''),
    text.replace(outside.trim(), ''),
  ];
  for (const candidate of candidates) {
    const code = codeOfName.get(lettersOf(candidate));
    if (code !== undefined) return code;
  }
  return undefined;
}

/** The code that is stated, or that the parameter's name has; undefined where neither is known. */
export function codeOfLimit(limit: {
  readonly parameter: string;
  readonly parameterCode?: ParameterCode | undefined;
}): ParameterCode | undefined {
  return limit.parameterCode ?? parameterCodeOf(limit.parameter);
}

/** Letters and digits, small, without marks; subscripts are plain digits. */
function lettersOf(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('đ', 'd')
    .replaceAll('α', 'alpha')
    .replaceAll('β', 'beta')
    .replaceAll(/[^a-z0-9]/g, '');
}
