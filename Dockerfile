# Node stays process 1: main.ts handles SIGTERM and SIGINT itself, and its only child, the engine process, is waited for by
# the process that started it. There is nothing for an init such as tini to reap or forward.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN npm ci --no-audit --no-fund
RUN npm run build
# What runs: the built web app, the server's own packages, and what an empty data directory copies.
RUN rm -rf node_modules \
 && npm ci --no-audit --no-fund --omit=dev --workspace server --workspace sdk --workspace domain --workspace sandbox --workspace evaluators --workspace contract --workspace statistics \
 && node server/src/prepare.ts

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4400 WHETSTONE_DATA_DIR=/data
WORKDIR /app
# The jail around code of evaluators and tools is laid by Python.
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*
RUN mkdir /data && chown node:node /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/contract ./contract
COPY --from=build /app/statistics ./statistics
COPY --from=build /app/domain ./domain
COPY --from=build /app/evaluators ./evaluators
COPY --from=build /app/sandbox ./sandbox
COPY --from=build /app/server ./server
COPY --from=build /app/sdk ./sdk
COPY --from=build /app/docs ./docs
COPY --from=build /app/browser ./browser
COPY --from=build /app/web/dist ./web/dist
ENV MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072
USER node
VOLUME /data
EXPOSE 4400
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--min-semi-space-size=16", "--max-semi-space-size=32", "server/src/main.ts"]
