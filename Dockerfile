# A worker that polls: docs/container-worker.md. `docker build -t jobs .`, then `docker run jobs TYPE`.
FROM python:3.13-slim-bookworm AS build
WORKDIR /app
COPY requirements/container.txt requirements/
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/container.txt
COPY cdk.json ./
COPY workerless workerless
COPY functions functions
# Whoever builds it may have a umask that keeps others, like the user below, from reading.
RUN python -m compileall -q workerless functions && chmod -R a+rX .

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home worker
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER 10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s \
    CMD ["python", "-m", "workerless.container.health"]
ENTRYPOINT ["python", "-m", "workerless.cli", "worker"]
