# The program with its locked libraries, for `reporter serve` (docs/run-anywhere.md). Nothing here depends on the processor.
FROM python:3.13-slim-trixie AS build
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
WORKDIR /src
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY reporter ./reporter
ENV UV_PROJECT_ENVIRONMENT=/opt/reporter UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
RUN /opt/uv/bin/uv sync --quiet --frozen --no-cache --no-dev --no-editable --extra telemetry --compile-bytecode --python python3

FROM python:3.13-slim-trixie
RUN useradd --uid 10001 --no-create-home --home-dir /srv/reporter reporter && install --directory --owner reporter --group reporter --mode 700 /srv/reporter/.reporter
COPY --from=build /opt/reporter /opt/reporter
ENV PATH=/opt/reporter/bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/reporter
USER 10001:10001
VOLUME ["/srv/reporter/.reporter"]
HEALTHCHECK --interval=5m --timeout=30s --start-period=1m CMD ["reporter", "health"]
ENTRYPOINT ["reporter"]
CMD ["serve"]
