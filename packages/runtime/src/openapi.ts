import { createHash } from 'node:crypto';

/** A node of a description: an object of JSON. */
interface Node {
  [field: string]: unknown;
}

interface Components {
  readonly schemas: Node;
  readonly responses: Node;
  readonly parameters: Node;
}

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'];
/** What may stand beside a reference, because it is said of the place and not of the schema. */
const besideReference = ['description', 'default', 'deprecated'];
/** What any operation may answer, whatever it is asked: without a key, in a format that is not had, under load. */
const refusalsOfAll = ['401', '406', '408', '414', '429', '431', '503'];

const refusal = {
  description: [
    'What any address may answer, as a problem whose `code` is stable:',
    '- 401: the key is missing, unknown or expired.',
    '- 405: `Allow` lists the methods that the address takes. 406: the answer is not had in the format asked for.',
    '- 408, 414, 431: the request came too slowly; its address or headers are too long.',
    '- 429, 503: too much is asked, or something that the answer needs is away. Ask again after `Retry-After`.',
  ].join('\n'),
  headers: {
    'Retry-After': { description: 'Seconds to wait, with 429 and 503.', schema: { type: 'integer' } },
    Allow: { description: 'Methods, with 405.', schema: { type: 'string' } },
  },
};

/** What an operation needs unless it says otherwise. */
const keyNeeded = JSON.stringify([{ bearer: [] }, { apiKey: [] }]);

/**
 * A description that is short enough to open, and from which clients can be made: schemas with a `title`, refusals and
 * parameters that several routes share are told once and referred to; every operation has an id.
 *
 * Schemas of one title must be the same. Names of parameters and responses carry a digest of what they say, so that
 * descriptions of several services can be put together.
 * @see https://spec.openapis.org/oas/v3.1.1.html#components-object
 */
export function sharedDescription(document: object): Node {
  // Parts of it may be one object in several places.
  const description = JSON.parse(JSON.stringify(document)) as Node;
  const components: Components = { schemas: {}, responses: {}, parameters: {} };
  const paths = (description['paths'] ?? {}) as Node;
  for (const [path, item] of Object.entries(paths)) {
    for (const method of methods) {
      const operation = (item as Node)[method] as Node | undefined;
      if (operation === undefined) continue;
      operation['operationId'] ??= operationId(method, path);
      shareParameters(operation, components);
      shareRefusals(operation, components);
      shareAnswers(operation, components);
      if (JSON.stringify(operation['security']) === keyNeeded) delete operation['security'];
    }
    shareAtAddress(item as Node);
  }
  description['security'] = JSON.parse(keyNeeded);
  description['paths'] = withReferences(paths, components.schemas);
  const { schemas } = components;
  const responses = withReferences(components.responses, schemas) as Node;
  const parameters = withReferences(components.parameters, schemas) as Node;
  tellStampsOnly(schemas);
  const given = (description['components'] ?? {}) as Node;
  description['components'] = {
    ...given,
    schemas: { ...(given['schemas'] as Node | undefined), ...sorted(schemas) },
    responses: sorted(responses),
    parameters: sorted(parameters),
  };
  return description;
}

/** `getMetersById` for `GET /v1/meters/{id}`. */
function operationId(method: string, path: string): string {
  const words = path
    .replace(/^\/v\d+/, '')
    .split(/[/-]/)
    .filter((part) => part !== '')
    .map((part) =>
      part.replace(/^\{(\w+)\}$/, 'by-$1').replace(/\W+(\w?)/g, (_, letter: string) => letter.toUpperCase()),
    );
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function shareParameters(operation: Node, { parameters }: Components): void {
  const given = operation['parameters'] as Node[] | undefined;
  if (given === undefined) return;
  operation['parameters'] = given.map((parameter) => {
    const name = `${String(parameter['name'])}-${digest(parameter)}`;
    parameters[name] = parameter;
    return { $ref: `#/components/parameters/${name}` };
  });
}

/** Parameters that every operation of an address has stand at the address. */
function shareAtAddress(item: Node): void {
  const operations = Object.values(item) as Node[];
  const lists = operations.map(({ parameters = [] }) =>
    (parameters as Node[]).map((each) => JSON.stringify(each)),
  );
  const common = lists[0]?.filter((each) => lists.every((list) => list.includes(each))) ?? [];
  if (operations.length < 2 || common.length === 0) return;
  for (const operation of operations) {
    const own = (operation['parameters'] as Node[]).filter((each) => !common.includes(JSON.stringify(each)));
    if (own.length === 0) delete operation['parameters'];
    else operation['parameters'] = own;
  }
  item['parameters'] = common.map((each) => JSON.parse(each) as Node);
}

/**
 * Of an operation's refusals the status and the codes are told, several operations having them in common; what a code
 * means stands in the problem itself. Those with a body of their own stay as they are.
 */
function shareRefusals(operation: Node, { responses }: Components): void {
  const given = (operation['responses'] ?? {}) as Node;
  const told: string[] = [];
  let problem: unknown;
  for (const [status, response] of Object.entries(given)) {
    const { content, description } = response as Node;
    if (Number(status) < 400 || !isProblem(content)) continue;
    delete given[status];
    given['default'] = { $ref: '#/components/responses/Refusal' };
    responses['Refusal'] = { ...refusal, content };
    problem = content;
    if (refusalsOfAll.includes(status)) continue;
    const codes = String(description).match(/^`\w+`/gm) ?? [];
    told.push([status, codes.join(', ')].join(' ').trim());
  }
  const { default: common } = given;
  if (told.length === 0) {
    // A client's own errors are looked for by name.
    if (common !== undefined) given['4XX'] = common;
    return;
  }
  const shared = { description: `${told.join('. ')}.`, content: problem };
  const name = `Refusals-${digest(shared)}`;
  responses[name] = shared;
  given['4XX'] = { $ref: `#/components/responses/${name}` };
}

function isProblem(content: unknown): boolean {
  const { schema } = ((content as Node | undefined)?.['application/problem+json'] ?? {}) as Node;
  return (schema as Node | undefined)?.['title'] === 'Problem';
}

/** An answer of which nothing is said but its schema is named as the schema is. */
function shareAnswers(operation: Node, { responses }: Components): void {
  const given = (operation['responses'] ?? {}) as Node;
  for (const [status, response] of Object.entries(given)) {
    if (Number(status) < 300) leaveOpen(response);
    const { content, description, ...more } = response as Node;
    const bodies = Object.entries((content ?? {}) as Record<string, Node>);
    const [type, body] = bodies[0] ?? [];
    const title = (body?.['schema'] as Node | undefined)?.['title'];
    if (Object.keys(more).length > 0 || bodies.length !== 1 || description !== 'Default Response') continue;
    if (type !== 'application/json' || typeof title !== 'string') continue;
    responses[title] = { description: title, content };
    given[status] = { $ref: `#/components/responses/${title}` };
  }
}

/** What an answer has is not all that it will ever have. Schemas with a title are told as they are. */
function leaveOpen(value: unknown): void {
  if (typeof value !== 'object' || value === null || 'title' in value) return;
  if ((value as Node)['additionalProperties'] === false) delete (value as Node)['additionalProperties'];
  for (const field of Object.values(value)) leaveOpen(field);
}

/** The same with every titled schema moved to `schemas` and referred to. */
function withReferences(value: unknown, schemas: Node): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => withReferences(item, schemas));
  if (typeof value !== 'object' || value === null) return value;
  const node = Object.fromEntries(
    // What is shown as an example is no schema, whatever fields it has.
    Object.entries(value).map(([name, field]) => [
      name,
      name === 'examples' || name === 'example' ? field : withReferences(field, schemas),
    ]),
  );
  const prefix = node['prefixItems'];
  if (Array.isArray(prefix)) {
    // Few makers of clients know tuples.
    const kinds = new Map(prefix.map((item) => [JSON.stringify(item), item as unknown]));
    const items = [...kinds.values()];
    node['items'] = items.length === 1 ? items[0] : { anyOf: items };
    node['minItems'] ??= prefix.length;
    node['maxItems'] ??= prefix.length;
    delete node['prefixItems'];
  }
  // That an integer is one that JavaScript can hold says nothing to anybody.
  if (node['minimum'] === Number.MIN_SAFE_INTEGER) delete node['minimum'];
  if (node['maximum'] === Number.MAX_SAFE_INTEGER) delete node['maximum'];
  // The format says it, in fewer words.
  if (node['format'] === 'date' || node['format'] === 'date-time') delete node['pattern'];
  // The schema that is referred to shows it.
  const { schema: shown } = node;
  if (typeof shown === 'object' && shown !== null && '$ref' in shown) delete node['example'];
  const { title } = node;
  const isSchema = ['type', 'anyOf', 'oneOf', 'allOf'].some((name) => name in node);
  if (typeof title !== 'string' || !isSchema) return node;
  const [beside, schema] = divided(node, title);
  keep(schemas, title, schema);
  return { $ref: `#/components/schemas/${title}`, ...beside };
}

/** Examples are shown beside some uses of a schema and not beside others: they are kept, and do not tell it apart. */
function keep(schemas: Node, title: string, { examples, ...schema }: Node): void {
  const { examples: shown = examples, ...standing } = (schemas[title] ?? schema) as Node;
  if (JSON.stringify(standing) !== JSON.stringify(schema)) {
    throw new Error(
      `two schemas have the title ${title}: ${JSON.stringify(standing)}, ${JSON.stringify(schema)}`,
    );
  }
  schemas[title] = shown === undefined ? schema : { ...schema, examples: shown };
}

/**
 * An entity is what was put, and what the registry adds: where `Thing` has all the fields of `ThingInput`, they are
 * told once.
 */
function tellStampsOnly(schemas: Node): void {
  for (const [title, schema] of Object.entries(schemas)) {
    const { properties, required } = schema as Node;
    const input = schemas[`${title}Input`] as Node | undefined;
    const put = input?.['properties'] as Node | undefined;
    if (put === undefined || !Object.keys(properties as Node).every((name) => name in put)) continue;
    const isRequired = (node: Node | undefined, name: string) =>
      ((node?.['required'] as readonly string[] | undefined) ?? []).includes(name);
    // What may be left out of what is put and is always answered is told too: programs count on it by its type.
    const added = Object.entries(properties as Node).filter(
      ([name, field]) =>
        JSON.stringify(field) !== JSON.stringify(put[name]) ||
        (isRequired(schema as Node, name) && !isRequired(input, name)),
    );
    schemas[title] = {
      title,
      allOf: [
        { $ref: `#/components/schemas/${title}Input` },
        { type: 'object', properties: Object.fromEntries(added), required },
      ],
    };
  }
}

/** What is said of the place, and the schema itself. */
function divided(node: Node, title: string): [beside: Node, schema: Node] {
  const fields = Object.entries({ ...node, title });
  return [
    Object.fromEntries(fields.filter(([name]) => besideReference.includes(name))),
    Object.fromEntries(fields.filter(([name]) => !besideReference.includes(name))),
  ];
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 4);
}

function sorted(node: Node): Node {
  return Object.fromEntries(Object.entries(node).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
