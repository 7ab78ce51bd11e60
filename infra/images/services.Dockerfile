# One image for all services; which of them a container runs is its command. Node runs the TypeScript sources as
# they are, in the layout of the workspace: it refuses to strip types under node_modules.

FROM node:24.21.0-slim AS dependencies
RUN npm install --global pnpm@10.34.9
WORKDIR /app
# The lockfile alone decides what is downloaded, so a changed source or manifest finds this layer in the cache.
COPY pnpm-lock.yaml pnpm-workspace.yaml ./
COPY infra/patches infra/patches
RUN pnpm fetch
COPY . .
# The page is built here, with tools that no service needs afterwards.
RUN pnpm install --frozen-lockfile --offline --filter @songma/web \
  && node --input-type=module --eval "await (await import('/app/services/web/src/page-build.ts')).builtPage()" \
  && rm -rf node_modules packages/*/node_modules services/*/node_modules
RUN pnpm install --frozen-lockfile --offline --prod

FROM node:24.21.0-slim
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=16
WORKDIR /app
COPY --from=dependencies /app ./
# A volume that is mounted here takes over the owner.
RUN mkdir -p /data/inbox /data/inbox-keys && chown -R node:node /data && chmod 700 /data/inbox-keys
USER node
