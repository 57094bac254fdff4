# syntax=docker/dockerfile:1
# Production image of Token Wheel with its models inside: it starts without a network. Every step is a
# script or command that is used outside of Docker too. docs/DOCKER_PLAN.md gives the reasons.

FROM python:3.11-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app


FROM base AS dependencies
# PyTorch's CPU builds. The default on Linux is for graphics cards and is gigabytes larger.
ARG PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu
COPY requirements.txt constraints.txt ./
COPY scripts/install-packages.sh scripts/
RUN --mount=type=cache,target=/root/.cache/pip scripts/install-packages.sh slim


FROM dependencies AS models
# Comma-separated ids of the models in the image.
ARG MODELS=gpt2
COPY requirements-model.txt ./
RUN --mount=type=cache,target=/root/.cache/pip scripts/install-packages.sh model
COPY manage.py ./
COPY tokenwheel tokenwheel
COPY wheel wheel
COPY bench bench
RUN WHEEL_MODELS=$MODELS TOKENWHEEL_DATA_DIR=/tmp/data TRANSFORMERS_CACHE=/models \
    .venv/bin/python manage.py download_models
COPY templates templates
COPY static static
# Static files are collected and compressed here, so that a start does not have to write them.
RUN WHEEL_MODELS=$MODELS TOKENWHEEL_DATA_DIR=/tmp/data TRANSFORMERS_CACHE=/models \
    TOKENWHEEL_STATIC_DIR=/static .venv/bin/python manage.py prepare


FROM base AS production
ARG MODELS=gpt2
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data appuser \
    && install -d -o appuser -g appuser /data
COPY --from=dependencies /app/.venv .venv
COPY --from=models /models /models
COPY --from=models /static /static
COPY manage.py gunicorn.conf.py ./
COPY scripts/serve.sh scripts/is_ready.py scripts/
COPY tokenwheel tokenwheel
COPY wheel wheel
# With the compiled catalogs of the pages' languages.
COPY --from=models /app/wheel/locale wheel/locale
COPY bench bench
COPY templates templates
COPY static static
RUN python3 -m compileall -q --invalidation-mode unchecked-hash tokenwheel wheel bench
# The linter takes TOKENWHEEL for a secret token; it is the project's name.
# hadolint ignore=DL3064
ENV HOST=0.0.0.0 \
    PORT=8000 \
    TOKENWHEEL_DATA_DIR=/data \
    TOKENWHEEL_STATIC_DIR=/static \
    TRANSFORMERS_CACHE=/models \
    WHEEL_MODELS=$MODELS \
    GUNICORN_CMD_ARGS="--worker-tmp-dir /dev/shm"
# appuser. A numeric id, so that a cluster can verify that it is not root.
USER 10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python3", "scripts/is_ready.py"]
CMD ["scripts/serve.sh"]
