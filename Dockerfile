# syntax=docker/dockerfile:1

# docker build --target service -t verger .            serves the bundle in models/default (also the default target)
# docker build --target training -t verger-training .  fits and evaluates bundles
#
# The base is named by tag. To rebuild the very same image years from now, add its digest (…-bookworm@sha256:…).
FROM python:3.11-slim-bookworm AS base
ENV PATH="/opt/venv/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp
WORKDIR /app
# The only place that belongs to the user whom both images run as. The code itself cannot be written to.
RUN install --directory --owner=10001 --group=10001 var

FROM base AS service-packages
COPY requirements/service.txt requirements/postgresql.txt requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv --without-pip /opt/venv && \
    /usr/local/bin/pip --python /opt/venv install --require-hashes --no-deps --only-binary :all: \
        --cache-dir /root/.cache/pip -r requirements/service.txt -r requirements/postgresql.txt

FROM base AS training-packages
COPY requirements/training.txt requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv --without-pip /opt/venv && \
    /usr/local/bin/pip --python /opt/venv install --require-hashes --no-deps --only-binary :all: \
        --cache-dir /root/.cache/pip -r requirements/training.txt

FROM base AS training
COPY --from=training-packages /opt/venv /opt/venv
COPY models/ models/
COPY training/ training/
USER 10001:10001
VOLUME /app/var
ENTRYPOINT ["python", "-m", "training"]
CMD ["--help"]

FROM base AS service
COPY --from=service-packages /opt/venv /opt/venv
COPY models/ models/
COPY service/ service/
USER 10001:10001
# Off loopback the service starts only with a key: run with -e VERGER_API_KEY=…, or make one in the store first
ENV VERGER_HOST=0.0.0.0 \
    VERGER_PORT=8000
EXPOSE 8000
VOLUME /app/var
HEALTHCHECK --interval=30s --timeout=3s --start-period=30s CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['VERGER_PORT'] + '/healthz', timeout=2)"]
ENTRYPOINT ["python", "-m", "service"]
CMD ["serve"]
