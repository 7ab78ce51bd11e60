import type { components, paths } from './schema.d.ts';

type Schemas = components['schemas'];
export type Alert = Schemas['Alert'];
export type AlertWindow = Schemas['AlertWindow'];
export type Case = Schemas['Case'];
export type CaseDetail = Schemas['CaseDetail'];
export type Enterprise = Schemas['Enterprise'];
export type Factor = Schemas['Factor'];
export type Indicator = Schemas['Indicator'];
export type Key = Schemas['Key'];
export type Limit = Schemas['Limit'];
export type Meter = Schemas['Meter'];
export type MeterInput = Schemas['MeterInput'];
export type Publication = Schemas['Publication'];
export type Site = Schemas['Site'];
export type Source = Schemas['Source'];

type JsonOf<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type OperationOf<P, Method extends string> = P extends Record<Method, infer Operation> ? Operation : never;
type SuccessOf<Operation> = Operation extends { responses: infer Responses }
  ? JsonOf<Responses[keyof Responses & (200 | 201 | 202)]>
  : never;

/** Addresses that answer a GET with JSON. */
export type GetPath = {
  [P in keyof paths]: [SuccessOf<OperationOf<paths[P], 'get'>>] extends [never] ? never : P;
}[keyof paths];
/** What a GET of this address answers. */
export type AnswerOf<P extends GetPath> = SuccessOf<OperationOf<paths[P], 'get'>>;
/** What a GET of this address may be asked with; undefined is left out. */
export type QueryOf<P extends GetPath> =
  OperationOf<paths[P], 'get'> extends { parameters: { query?: infer Query } }
    ? { readonly [Name in keyof NonNullable<Query>]: NonNullable<Query>[Name] | undefined }
    : Record<string, never>;

/** Addresses that answer with pages of items. */
export type ListPath = {
  [P in GetPath]: AnswerOf<P> extends { items: readonly unknown[]; next: string | null } ? P : never;
}[GetPath];
export type ItemOf<P extends ListPath> =
  AnswerOf<P> extends { items: readonly (infer Item)[] } ? Item : never;

export type Status = AnswerOf<'/v1/status'>;
export type Series = AnswerOf<'/v1/series'>;
export type Feed = ItemOf<'/v1/feeds'>;
export type Owed = ItemOf<'/v1/owed'>;
