# One image for the service, the model server and every command; amd64 and arm64. Built in two steps, so that what builds
# it is not in it. For the smaller torch without CUDA give the address of its index: --build-arg PIP_EXTRA_INDEX_URL=…
FROM python:3.11.14-slim-bookworm AS build
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/assistant
COPY pyproject.toml constraints.txt README.md ./
COPY assistant assistant
RUN /opt/assistant/bin/pip install -c constraints.txt ".[tracing]"

FROM python:3.11.14-slim-bookworm
# Everything that is written goes to the volume or to /tmp, so the root may be read-only.
ENV PATH=/opt/assistant/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    ASSISTANT_HOST=0.0.0.0 \
    ASSISTANT_LOG_FORMAT=json
WORKDIR /app
COPY --from=build /opt/assistant /opt/assistant
COPY rails rails
COPY knowledge knowledge
RUN mkdir data && chown 10001:10001 data
USER 10001:10001
VOLUME /app/data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=180s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
CMD ["sh", "-c", "assistant models pull all-minilm-l6-v2 smollm2-135m && exec assistant serve"]
