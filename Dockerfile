# One image for every role. The first stage builds, the second carries only what runs.
FROM python:3.13-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src

COPY requirements/runtime.txt requirements/build.txt requirements/
RUN python -m venv /opt/liaison \
    && /opt/liaison/bin/pip install --require-hashes -r requirements/runtime.txt \
    && python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes -r requirements/build.txt

COPY pyproject.toml README.md LICENSE ./
COPY alliance alliance
COPY storage storage
COPY handlers handlers
COPY schedules schedules
COPY bot bot
COPY sandbox sandbox
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
    && /opt/liaison/bin/pip install --no-deps --no-index /dist/*.whl


FROM python:3.13-slim

RUN groupadd --gid 10001 liaison \
    && useradd --uid 10001 --gid liaison --no-create-home --home-dir /data --shell /usr/sbin/nologin liaison \
    && install --directory --owner liaison --group liaison /data

COPY --from=build /opt/liaison /opt/liaison
ENV PATH=/opt/liaison/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LIAISON_HOST=0.0.0.0 \
    LIAISON_PORT=8000 \
    LIAISON_DATABASE_URL=sqlite:////data/liaison.db \
    LIAISON_LOG_FORMAT=json

USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['LIAISON_PORT'] + '/health/live', timeout=4)"]

ENTRYPOINT ["liaison"]
CMD ["run"]
