# Two stages: the first builds the wheel from the locked tools, the second only runs it.
FROM python:3.11-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/rfl
WORKDIR /build
COPY requirements.txt requirements-build.txt ./
RUN /opt/rfl/bin/pip install --require-hashes -r requirements-build.txt \
    && /opt/rfl/bin/pip install --require-hashes --no-build-isolation --use-pep517 \
        -r requirements.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY migrations migrations
COPY src src
RUN /opt/rfl/bin/python -m hatchling build -t wheel -d dist \
    && /opt/rfl/bin/pip install --no-deps dist/*.whl

FROM python:3.11-slim

# The number is fixed so that a volume keeps its owner from one image to the next.
RUN groupadd --gid 10001 rfl \
    && useradd --uid 10001 --gid rfl --no-create-home --home-dir /var/lib/rfl \
        --shell /usr/sbin/nologin rfl \
    && install --directory --owner=rfl --group=rfl --mode=0700 /var/lib/rfl
COPY --from=build /opt/rfl /opt/rfl

# Keys and passphrases are given when the container starts; none has a value here.
ENV PATH=/opt/rfl/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    RFL_DATA=/var/lib/rfl RFL_HOST=0.0.0.0 RFL_PORT=8460

USER 10001:10001
WORKDIR /var/lib/rfl
VOLUME ["/var/lib/rfl"]
EXPOSE 8460
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f'http://127.0.0.1:{os.environ[\"RFL_PORT\"]}/health/live', timeout=4)"]
ENTRYPOINT ["rfl"]
CMD ["serve"]
